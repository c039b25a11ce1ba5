"""What happened to the work outside of this window: a session that was killed, a file that another
program wrote.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui import settings
from gui.controls.announcement import SETTINGS
from gui.controls.question import Reply, ask
from gui.document.document import Document, file_hash
from gui.files.recent import when
from gui.files.recovery import Recovery, Rescued

if TYPE_CHECKING:
    from gui.controls.announcement import Announcement
    from gui.session import Session


class OutsideChanges(QObject):
    """Says it in a banner, once, with what can be done."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.recovery = Recovery()
        self._reported: set[tuple[str, str | None]] = set()
        self._disk_hashes: dict[str, str | None] = {}
        """By key, what was known of the file of a document about which something is said."""
        self._missing: set[str] = set()
        """The keys of documents of which it is said that their files are gone."""
        session.workspace.switched.connect(self.check_disk)
        session.file_watch.touched.connect(self.check_disk)
        session.workspace.file_state_changed.connect(self._follow)
        session.workspace.closing.connect(self._forget)

    # ------------------------------------------------------------------ files of other programs

    def check_disk(self, _: object = None) -> None:
        """Notice that another program changed the file in front, and offer to take it over, or that it took
        the file away, and offer to write it again. It is said where that file's network stands, and nowhere
        else.
        """
        document = self._session.workspace.current
        if not self._session.editing or document.path is None:
            return
        if document.missing_on_disk:
            self._tell_of_missing(document, document.path)
            return
        if document.key in self._missing:
            self._forget(document)
        if not document.changed_on_disk:
            return
        version = (document.key, file_hash(document.path))
        if version in self._reported:
            return
        self._reported.add(version)
        text = self.tr("{name} was changed by another program.").format(name=document.path.name)
        self._disk_hashes[document.key] = document.disk_hash
        reload = (self.tr("Reload"), partial(self._reload, document))
        self._session.banner.say(text, (reload,), about=document.key)

    def _tell_of_missing(self, document: Document, path: Path) -> None:
        if document.key in self._missing:
            return
        self._missing.add(document.key)
        self._disk_hashes[document.key] = document.disk_hash
        document.forget_saved()  # what is open is all that there is of it
        text = self.tr("{name} was deleted or moved by another program. Save it to keep it.")
        save = (self.tr("Save"), partial(self._save, document))
        self._session.banner.say(text.format(name=path.name), (save,), about=document.key)

    def _save(self, document: Document, _: bool = False) -> None:
        if document in self._session.workspace.documents:
            self._session.files.save(document)

    def _follow(self, document: Document) -> None:
        """Once the file was read or written here, what another program did to it is settled."""
        if document.key in self._missing and not document.missing_on_disk:
            self._forget(document)
        if self._disk_hashes.get(document.key, document.disk_hash) != document.disk_hash:
            self._forget(document)

    def _forget(self, document: Document) -> None:
        self._missing.discard(document.key)
        if document.key in self._disk_hashes:
            del self._disk_hashes[document.key]
            self._session.banner.withdraw(document.key)

    def _reload(self, document: Document, _: bool = False) -> None:
        if document in self._session.workspace.documents:
            self._session.files.reload(document)

    # ------------------------------------------------------------------ settings

    def tell_of_settings(self, banner: Announcement) -> None:
        """Say, once, which settings could not be read and are the usual ones again."""
        names = settings.damaged()
        if names:
            text = self.tr(
                "Damaged in {file}, so as usual again: {names}. Set them anew where you wish."
            ).format(
                file=settings.store().fileName(), names=", ".join(name.rpartition("/")[2] for name in names)
            )
            banner.say(text, (), about=SETTINGS)

    # ------------------------------------------------------------------ recovery

    def offer_recovery(self, banner: Announcement) -> None:
        """Say what a killed session left, and offer to open it, in a banner that is in sight."""
        if not self.recovery.rescued:
            return
        names = ", ".join(self._named(one) for one in self.recovery.rescued)
        text = self.tr("Layerloom ended without saving. Rescued: {names}.").format(names=names)
        verbs = ((self.tr("Open"), self.recover), (self.tr("Discard…"), self._discard))
        banner.say(text, verbs, refuse=self.recovery.postpone)

    def _named(self, one: Rescued) -> str:
        file = one.path.name if one.path is not None else self.tr("never saved")
        return f"{one.title} ({file}, {when(one.time)})"

    def _discard(self) -> None:
        """Ask, since nothing brings it back; who would rather not is offered it again."""
        title = self.tr("Discard what was rescued?")
        lost = "\n".join(self._named(one) for one in self.recovery.rescued)
        choices = (
            Reply("discard", self.tr("Discard")),
            Reply("open", self.tr("Open"), primary=True),
            Reply("", self.tr("Decide later")),
        )
        answer = ask(self._session.window, title, lost, choices)
        {"discard": self.recovery.discard, "open": self.recover}.get(answer, self.recovery.postpone)()

    def recover(self) -> None:
        """Open what a killed session left, as unsaved networks."""
        session = self._session
        opened, troubles = self.recovery.open(session.workspace)
        session.autosave.flush()
        if not troubles:
            self.recovery.discard()
        for trouble in troubles:
            session.files.show_error(self.tr("A rescued network cannot be read"), trouble)
        if opened:
            session.editor_wanted.emit()
