"""What can be done to the network without a gesture: by key, by menu or from another part of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from engine import edits
from engine.message import Message, Trouble
from engine.project.graph import Wire
from engine.project.layout import GAP, WIDTH, tidy
from engine.project.project import Project
from engine.store import clipboard
from gui.canvas.edits import changes
from gui.canvas.edits.fitting import WireEnd
from gui.canvas.geometry.traces import downstream
from gui.canvas.painting.ground import GRID
from gui.canvas.tools.host import Host, Questions
from gui.canvas.tools.pointer import Pointer
from gui.document.level import Level


class Clipboard(Protocol):
    """Where copied text lies, in the system or in a test."""

    def text(self) -> str: ...
    def setText(self, text: str) -> None: ...


def chosen_ids(level: Level) -> list[str]:
    """The selected ids, in the order of the graph."""
    return [id for id in level.project.graph.nodes if id in level.selection]


class EditCommands:
    """Edits of the selection. Each is one step of undo."""

    def __init__(
        self,
        host: Host,
        say: Callable[[Message | Trouble], None],
        questions: Questions,
        system_clipboard: Clipboard,
        pointed_at: Callable[[], tuple[float, float]],
    ) -> None:
        """`pointed_at` tells the place of the canvas where something new would be looked for."""
        self._host, self._say, self._questions = host, say, questions
        self._clipboard, self._pointed_at = system_clipboard, pointed_at

    # ------------------------------------------------------------------ taking away

    def delete(self, gap: bool = False) -> None:
        """Take the selected layers and wires away. What stood before and behind is joined where it fits,
        unless a gap is wanted.
        """
        ids, wires = chosen_ids(self._host.level), self._host.level.wire_selection
        if not ids and not wires:
            return
        if not ids:
            label = Message("Remove {number:a wire|{number} wires}", number=len(wires))
        else:
            label = Message("Delete {number:a layer|{number} layers}", number=len(ids))
        if gap:
            self._host.do(edits.remove, ids, wires, label=label)
        else:
            self._take_away(ids, wires, label)

    def _take_away(self, ids: Sequence[str], wires: Iterable[Wire], label: Message) -> None:
        level = self._host.level
        known = level.analysis if level.fresh else None
        self._host.do(changes.delete, known, ids, wires, label=label)

    def dissolve(self) -> None:
        """Take the selected layers away and let the wires go on past them."""
        ids = chosen_ids(self._host.level)
        if ids:
            label = Message("Dissolve {number:a layer|{number} layers}", number=len(ids))
            self._host.do(edits.dissolve, ids, label=label)

    # ------------------------------------------------------------------ the clipboard

    def copy(self) -> None:
        """Put the selected layers on the clipboard, as text."""
        ids = chosen_ids(self._host.level)
        if ids:
            self._clipboard.setText(clipboard.to_text(self._host.level.project.graph, ids))

    def cut(self) -> None:
        """Copy the selected layers and take them away."""
        ids = chosen_ids(self._host.level)
        if ids:
            self.copy()
            self._take_away(ids, (), Message("Cut {number:a layer|{number} layers}", number=len(ids)))

    def paste(self) -> None:
        """Put in what was copied, here or in another window: at the pointer, or in the middle of the view."""
        self.paste_at(self._pointed_at())

    def paste_at(self, place: tuple[float, float]) -> None:
        """Put in what was copied, around a place of the canvas. What would lie on other layers there, as
        where the same was pasted before, stands aside by a step of the grid, and again until it covers none.
        """
        text = self._clipboard.text()
        if not text.strip():
            return
        try:
            piece = clipboard.from_text(text)
        except Trouble as trouble:
            self._say(trouble)
            return
        number = len(piece.nodes)
        nodes = list(piece.nodes.values())
        if not nodes:
            return
        level = self._host.level
        wide = max(node.x for node in nodes) + WIDTH - min(node.x for node in nodes)
        corner = (round(place[0] - wide / 2), round(place[1] - 14))
        at = self._clear(np.array([(node.x, node.y) for node in nodes]), corner)
        ids = edits.new_ids(level.project.graph, number)
        label = Message("Paste {number:a layer|{number} layers}", number=number)
        if self._host.do(edits.paste, piece, at, label=label):
            level.select(ids)

    def _clear(self, places: np.ndarray, at: tuple[float, float]) -> tuple[float, float]:
        """Where layers that stand so to each other (N×2, in canvas pixels) may go, from `at` on, without
        lying on others.
        """
        nodes = self._host.level.project.graph.nodes.values()
        there = np.array([(node.x, node.y) for node in nodes]).reshape(-1, 2)
        wanted = places - places.min(axis=0) + at
        step = 0.0
        while (np.abs(wanted[:, None] + step - there).max(axis=2) < GRID / 2).any():
            step += GRID
        return at[0] + step, at[1] + step

    def duplicate(self) -> None:
        """Copy the selected layers beside themselves, fed by what feeds them."""
        ids = chosen_ids(self._host.level)
        if not ids:
            return
        host, level = self._host, self._host.level
        new = edits.new_ids(level.project.graph, len(ids))
        box = host.scene.bounds(ids)
        wide = box[2] - box[0] if box else WIDTH
        label = Message("Duplicate {number:a layer|{number} layers}", number=len(ids))

        def twice(project: Project) -> Project:
            return changes.duplicate(project, ids, (wide + GAP + 22, 0.0))[0]

        if host.do(twice, label=label):
            level.select(new)
            host.viewport.reveal(new)

    # ------------------------------------------------------------------ what is asked for

    def open_search(self) -> None:
        """Open the search at the pointer, for what could follow the selected layer."""
        pointer = Pointer.on(self._host.viewport.camera, self._pointed_at())
        chosen = chosen_ids(self._host.level)
        end = None
        if len(chosen) == 1:
            outputs = self._host.level.project.graph.nodes[chosen[0]].kind.outputs
            end = WireEnd(chosen[0], outputs[0], False) if outputs else None
        self._questions.ask_layer(pointer, end, after=end is not None)

    def rename(self) -> None:
        """Type a new name for the selected layer; of several for the one that the keys go on from."""
        chosen, current = chosen_ids(self._host.level), self._host.current
        if chosen:
            self._questions.ask_new_name(current if current in chosen else chosen[0])

    # ------------------------------------------------------------------ the rest

    def select_all(self) -> None:
        """Select every layer."""
        self._host.level.select(self._host.level.project.graph.nodes)

    def select_path(self) -> None:
        """Select everything that the selected layers depend on, and everything that depends on them."""
        graph = self._host.level.project.graph
        path = set()
        for id in chosen_ids(self._host.level):
            path |= graph.upstream(id) | downstream(graph, id)
        self._host.level.select(path)

    def toggle_mute(self) -> None:
        """Mute the selected layers, or unmute them where all are muted."""
        graph = self._host.level.project.graph
        ids = chosen_ids(self._host.level)
        ids = [id for id in ids if graph.nodes[id].passable] or ids
        if not ids:
            return
        muted = not all(graph.nodes[id].muted for id in ids)
        label = (
            Message("Mute {number:a layer|{number} layers}", number=len(ids))
            if muted
            else Message("Unmute {number:a layer|{number} layers}", number=len(ids))
        )
        self._host.do(edits.mute, ids, muted, label=label)

    def tidy(self) -> None:
        """Lay the network out anew, or only the selected layers where there are several."""
        host, ids = self._host, chosen_ids(self._host.level)
        places = tidy(host.level.project.graph, ids if len(ids) > 1 else None)
        if places and host.do(edits.place, places, label=Message("Tidy"), glide=True):
            host.viewport.reveal(places)  # not fitted: the trunk is to stay under the eye

    def nudge(self, dx: float, dy: float) -> None:
        """Shift the selected layers a little. Nudges that follow each other are one step."""
        ids = chosen_ids(self._host.level)
        if ids:
            label = Message("Move {number:a layer|{number} layers}", number=len(ids))
            self._host.do(edits.move, ids, dx, dy, label=label, merge=("nudge", tuple(ids)))
