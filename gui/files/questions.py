"""What is asked before something is lost. The answer is the id of a choice, "" where nothing is to happen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gui.controls import question
from gui.controls.question import Reply
from gui.document.document import Document
from gui.files.file_watch import Conflict


def tr(text: str) -> str:
    return QCoreApplication.translate("Files", text)


def before_closing(window: QWidget, dirty: Sequence[Document], running: bool) -> str:
    """Whether to `save` or `discard` what is changed; where a run alone would end, whether to `stop` it."""
    names = ", ".join(document.title for document in dirty)
    about_run = tr("The training stops, and the run is kept with its weights.") if running else ""
    cancel = Reply("", tr("Cancel"))
    if not dirty:
        stop = Reply("stop", tr("Stop and close"), primary=True)
        return question.ask(window, tr("A network is training"), about_run, (cancel, stop))
    if len(dirty) == 1:
        title, text = tr("{name} has changes that are not saved").format(name=names), about_run
        save = tr("Save")
    else:
        title = tr("{count} networks have changes that are not saved").format(count=len(dirty))
        text = f"{names}. {about_run}"
        save = tr("Save all")
    discard = Reply("discard", tr("Close without saving"))
    return question.ask(window, title, text.strip(), (cancel, discard, Reply("save", save, primary=True)))


def in_conflict(window: QWidget, document: Document, conflict: Conflict) -> str:
    """Whether to `overwrite` what somebody else wrote or may write, to `save_as`, or to `reload` it."""
    name = document.path.name if document.path else document.title
    choices = [Reply("", tr("Cancel")), Reply("overwrite", tr("Overwrite"))]
    if conflict is Conflict.CHANGED:
        title = tr("{name} was changed by another program").format(name=name)
        text = tr(
            "Since it was read here, another program wrote it. Overwriting loses what it wrote; "
            "reloading takes it over here, and undo brings your own back."
        )
        choices.append(Reply("reload", tr("Reload")))
    else:
        title = tr("{name} is open in another window").format(name=name)
        text = tr("Both windows can write it, and the later one wins.")
    choices.append(Reply("save_as", tr("Save as…"), primary=True))
    return question.ask(window, title, text, choices)


def before_overwriting(window: QWidget, path: Path) -> str:
    """Whether to `overwrite` a file."""
    choices = (Reply("", tr("Cancel")), Reply("overwrite", tr("Overwrite")))
    title = tr("{name} exists already").format(name=path.name)
    return question.ask(window, title, tr("Overwriting it loses what it holds."), choices)
