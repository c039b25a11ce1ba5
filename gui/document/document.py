"""One open project: its value, its history, what is selected in it, and the file it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from attrs import evolve, field, frozen
from PySide6.QtCore import QObject, Signal

from engine.files.checked_json import LARGEST
from engine.files.reading import read_bytes
from engine.message import Message, Trouble
from engine.project.graph import Wire
from engine.project.history import History
from engine.project.project import Project
from engine.store import project_file
from gui.document.level import Level, NodePath

if TYPE_CHECKING:
    from engine.analysis.results import Analysis


@frozen
class Selected:
    """What was selected, and at which level."""

    path: NodePath = ()
    ids: frozenset[str] = frozenset()
    wires: frozenset[Wire] = frozenset()


@frozen
class HistoryEntry:
    """A value in the history, with what was selected when it was left: that alone makes no other step."""

    project: Project
    selected: Selected = field(default=Selected(), eq=False)


class Document(QObject):
    """The only place through which a project changes.

    Views read `project` and hear of every change; they never keep a node, only its id.
    """

    changed = Signal(object, object)
    """The project before and after an edit, undo or redo."""
    edited = Signal(object)
    """This document, after every change: for who looks after many documents."""
    selected = Signal(object)
    """The ids now selected, a frozenset. Also emitted where only the selected wires changed."""
    analysed = Signal(object)
    """The newest `Analysis`."""
    entered = Signal(object)
    """The `Level`: a block was opened or left, or another time through it is looked at."""
    state_changed = Signal(object)
    """This document: its title, path or whether it is saved changed, or what undo and redo would do."""
    refused = Signal(object)
    """The `Trouble` of an edit that was not made."""

    def __init__(self, project: Project, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = uuid4().hex
        self.path = path
        self.result: str | None = None
        self.page = "network"
        """Which page of it one looks at: "network" or "data"."""
        self.run_number: int | None = None
        """The run of the shelf that it was opened from and whose curves it shows, where it was."""
        self.in_training: Project | None = None
        """What of it is being trained, while a run of it goes on."""
        self.history: History[HistoryEntry] = History(HistoryEntry(project))
        self.saved: Project | None = project
        self.disk_hash: str | None = None
        self.selection: frozenset[str] = frozenset()
        self.wire_selection: frozenset[Wire] = frozenset()
        self.analysis: Analysis | None = None
        self._analysed: Project | None = None
        self._dirty = False
        self.level = Level(self)

    # ------------------------------------------------------------------ what it is

    @property
    def project(self) -> Project:
        """The present value."""
        return self.history.present.project

    @property
    def title(self) -> str:
        """The name of the network."""
        return self.project.graph.name

    @property
    def tab_title(self) -> str:
        """The name of the network, with the run that it was opened from: it tells the runs of one network
        apart.
        """
        if self.run_number is None or self.path is not None:
            return self.title
        return self.tr("{title}, run {number}").format(title=self.title, number=self.run_number)

    @property
    def dirty(self) -> bool:
        """Whether something would be lost if it were closed now."""
        return self._dirty

    @property
    def pristine(self) -> bool:
        """An empty network that nobody has touched: it makes room for whatever is opened next."""
        return self.path is None and not self._dirty and not self.project.graph.nodes

    @property
    def fresh(self) -> bool:
        """Whether `analysis` is of the present project."""
        return self._analysed is self.project

    # ------------------------------------------------------------------ change

    def do(
        self,
        edit: Callable[..., Project],
        *args: Any,
        label: Message,
        merge: object = None,
        **named: Any,
    ) -> bool:
        """Make an edit: `do(edits.rename, id, "stem", label=Message("Rename"))`.

        Edits with the same `merge` key that follow each other are one undo step. Where the edit is refused,
        nothing changes, `refused` is emitted and False comes back.
        """
        before = self.project
        try:
            after = edit(before, *args, **named)
        except Trouble as trouble:
            self.refused.emit(trouble)
            return False
        self._push(after, label, merge)
        self._announce(before)
        return True

    def undo(self) -> bool:
        """Take the last step back. False where there is none."""
        return self._step(self.history.undo)

    def redo(self) -> bool:
        """Make the step again that was taken back. False where there is none."""
        return self._step(self.history.redo)

    def _step(self, step: Callable[[], bool]) -> bool:
        """Go to another value of the history. Where what was selected there comes back, it is selected."""
        before, graph = self.project, self.level.project.graph
        self._take_down()
        done = step()
        self._announce(before)
        then = self.history.present.selected
        if then.path == self.level.path and not (
            graph.nodes.keys() >= then.ids and then.wires <= {*graph.wires}
        ):
            self.select(then.ids, then.wires)
        return done

    def _push(self, after: Project, label: Message, merge: object = None) -> None:
        self._take_down()
        self.history.push(HistoryEntry(after), label, merge)

    def _take_down(self) -> None:
        """Keep with the present value what is selected now, before it is left."""
        selected = Selected(self.level.path, self.selection, self.wire_selection)
        self.history.present = HistoryEntry(self.project, selected)

    def renew(self, new: Callable[[Project], Project]) -> None:
        """Put another value in the place of every one, because what its kinds mean has changed. No edit."""
        before = self.project
        self.history.renew(lambda step: evolve(step, project=new(step.project)))
        self.saved = new(self.saved) if self.saved is not None else None
        self._announce(before)

    def seal(self) -> None:
        """The next edit is an undo step of its own, whatever its merge key."""
        self.history.seal()

    def _announce(self, before: Project) -> None:
        after = self.project
        if after is before:
            return
        self._dirty = after != self.saved
        moved = self.level.follow()
        graph = self.level.project.graph
        if moved:
            self.stand(frozenset(), frozenset())
        else:
            wires = self.wire_selection and self.wire_selection.intersection(graph.wires)
            self._select(self.selection & graph.nodes.keys(), wires)
        self.changed.emit(before, after)
        self.edited.emit(self)
        self.state_changed.emit(self)

    # ------------------------------------------------------------------ select

    def select(self, ids: Iterable[str], wires: Iterable[Wire] = ()) -> None:
        """Select these layers and wires of what is open and nothing else. Those that are not there are left
        out.
        """
        graph = self.level.project.graph
        self.history.seal()
        self._select(frozenset(ids) & graph.nodes.keys(), frozenset(wires).intersection(graph.wires))

    def stand(self, ids: frozenset[str], wires: frozenset[Wire]) -> None:
        """Another level is open now, with these layers and wires of it selected."""
        graph = self.level.project.graph
        self.history.seal()
        self.selection, self.wire_selection = ids & graph.nodes.keys(), wires.intersection(graph.wires)
        self.entered.emit(self.level)
        self.selected.emit(self.selection)

    def _select(self, ids: frozenset[str], wires: frozenset[Wire]) -> None:
        if (ids, wires) != (self.selection, self.wire_selection):
            self.selection, self.wire_selection = frozenset(ids), frozenset(wires)
            self.selected.emit(self.selection)

    # ------------------------------------------------------------------ derived

    def take_analysis(self, project: Project, analysis: Analysis) -> None:
        """Hear what was found out about a project that this document held or still holds."""
        self.analysis, self._analysed = analysis, project
        self.analysed.emit(analysis)

    # ------------------------------------------------------------------ files

    def show_run(self, number: int) -> None:
        """It shows that run of the shelf now."""
        self.run_number = number
        self.state_changed.emit(self)

    def forget_saved(self) -> None:
        """Count as unsaved, whatever comes: this is what was rescued, not what lies on disk."""
        self.saved, self._dirty = None, True
        self.state_changed.emit(self)

    def save(self, path: Path | None = None) -> None:
        """Write the project to its file, or to one that becomes its own. Raises `Trouble`; the work stays."""
        target = path or self.path
        if target is None:
            raise Trouble("expected a file to save {title} to", title=self.title)
        project = self.project
        project_file.save(project, target)
        self.path, self.saved = target, project
        self.disk_hash = file_hash(target)
        self._dirty = self.project != self.saved
        self.state_changed.emit(self)

    def reload(self) -> None:
        """Take the file as it is on disk now, as an edit that undo takes back. Raises `Trouble`."""
        if self.path is None:
            return
        disk_hash = file_hash(self.path)
        project = project_file.load(self.path)
        before = self.project
        self.saved, self.disk_hash = project, disk_hash
        self._push(project, Message("Reload"))
        self._dirty = self.project != self.saved
        self._announce(before)
        self.state_changed.emit(self)

    @property
    def changed_on_disk(self) -> bool:
        """Whether another program wrote the file since this document read or wrote it."""
        if self.path is None:
            return False
        now = file_hash(self.path)
        return now is not None and now != self.disk_hash

    @property
    def missing_on_disk(self) -> bool:
        """Whether another program took the file away."""
        return self.path is not None and self.disk_hash is not None and not self.path.exists()


def file_hash(path: Path) -> str | None:
    """A name for the content of a file, or None where it cannot be read."""
    try:
        return hashlib.sha256(read_bytes(path, LARGEST)).hexdigest()
    except Trouble:
        return None
