"""What can be done to the network without a gesture: by key, by menu or from another part of the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QCursor, QGuiApplication

from engine import edits
from engine.message import Message, Trouble
from engine.project.layout import GAP, WIDTH
from engine.project.project import Project
from gui.canvas.edits import changes
from gui.canvas.geometry.traces import downstream
from gui.canvas.painting.ground import GRID
from gui.canvas.view import View


class Deeds(View):
    """Edits of the selection. Each is one step of undo."""

    def do(
        self, edit: Callable[..., Project], *args: Any, label: Message, glide: bool = False, **named: Any
    ) -> bool:
        """Make an edit on the document; `glide` lets nodes that it moves go to their places."""
        self._gliding = glide
        try:
            return self.document.do(edit, *args, label=label, **named)
        finally:
            self._gliding = True

    def _chosen(self) -> list[str]:
        """The selected ids, in the order of the graph."""
        document = self.document
        return [id for id in document.project.graph.nodes if id in document.selection]

    # ------------------------------------------------------------------ taking away

    def delete(self) -> None:
        """Take the selected layers and wires away."""
        ids, wires = self._chosen(), self.document.wire_selection
        if not ids and not wires:
            return
        if not ids:
            label = Message("Remove {number:a wire|{number} wires}", number=len(wires))
        else:
            label = Message("Delete {number:a layer|{number} layers}", number=len(ids))
        self.do(edits.remove, ids, wires, label=label)

    def dissolve(self) -> None:
        """Take the selected layers away and let the wires go on past them."""
        ids = self._chosen()
        if ids:
            self.do(
                edits.dissolve,
                ids,
                label=Message("Dissolve {number:a layer|{number} layers}", number=len(ids)),
            )

    # ------------------------------------------------------------------ the clipboard

    def copy(self) -> None:
        """Put the selected layers on the clipboard, as text."""
        ids = self._chosen()
        if ids:
            from engine.store import clipboard

            QGuiApplication.clipboard().setText(clipboard.to_text(self.document.project.graph, ids))

    def cut(self) -> None:
        """Copy the selected layers and take them away."""
        ids = self._chosen()
        if ids:
            self.copy()
            self.do(
                edits.remove,
                ids,
                label=Message("Cut {number:a layer|{number} layers}", number=len(ids)),
            )

    def paste(self) -> None:
        """Put in what was copied, here or in another window: at the pointer, or in the middle of the view."""
        self.paste_at(self.pointed_at())

    def paste_at(self, place: tuple[float, float]) -> None:
        """Put in what was copied, around a place of the canvas. What would lie on other layers there, as
        where the same was pasted before, stands aside by a step of the grid, and again until it covers none.
        """
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            return
        try:
            from engine.store import clipboard

            piece = clipboard.from_text(text)
        except Trouble as trouble:
            self.workspace.say(trouble)
            return
        number = len(piece.nodes)
        nodes = list(piece.nodes.values())
        if not nodes:
            return
        wide = max(node.x for node in nodes) + WIDTH - min(node.x for node in nodes)
        corner = (round(place[0] - wide / 2), round(place[1] - 14))
        at = self._clear(np.array([(node.x, node.y) for node in nodes]), corner)
        ids = edits.new_ids(self.document.project.graph, number)
        label = Message("Paste {number:a layer|{number} layers}", number=number)
        if self.do(edits.paste, piece, at, label=label):
            self.document.select(ids)

    def _clear(self, places: np.ndarray, at: tuple[float, float]) -> tuple[float, float]:
        """Where layers that stand so to each other may go, from `at` on, without lying on others."""
        nodes = self.document.project.graph.nodes.values()
        there = np.array([(node.x, node.y) for node in nodes]).reshape(-1, 2)
        wanted = places - places.min(axis=0) + at
        step = 0.0
        while (np.abs(wanted[:, None] + step - there).max(axis=2) < GRID / 2).any():
            step += GRID
        return at[0] + step, at[1] + step

    def duplicate(self) -> None:
        """Copy the selected layers beside themselves, fed by what feeds them."""
        ids = self._chosen()
        if not ids:
            return
        document = self.document
        new = edits.new_ids(document.project.graph, len(ids))
        box = self.scene.bounds(ids)
        wide = box[2] - box[0] if box else WIDTH
        label = Message("Duplicate {number:a layer|{number} layers}", number=len(ids))

        def twice(project: Project) -> Project:
            return changes.duplicate(project, ids, (wide + GAP + 22, 0.0))[0]

        if self.do(twice, label=label):
            document.select(new)
            self.reveal(new)

    def pointed_at(self) -> tuple[float, float]:
        """The canvas coordinates under the pointer; of the middle of the view if it is elsewhere."""
        place = QPointF(self.mapFromGlobal(QCursor.pos()))
        if not self.rect().contains(place.toPoint()) or not self.underMouse():
            place = QPointF(self.width() / 2, self.height() / 2)
        return self.camera.to_world(place.x(), place.y())

    # ------------------------------------------------------------------ the rest

    def select_all(self) -> None:
        """Select every layer."""
        self.document.select(self.document.project.graph.nodes)

    def select_path(self) -> None:
        """Select everything that the selected layers depend on, and everything that depends on them."""
        graph = self.document.project.graph
        path = set()
        for id in self._chosen():
            path |= graph.upstream(id) | downstream(graph, id)
        self.document.select(path)

    def toggle_mute(self) -> None:
        """Mute the selected layers, or unmute them where all are muted."""
        graph = self.document.project.graph
        ids = self._chosen()
        ids = [id for id in ids if graph.nodes[id].passable] or ids
        if not ids:
            return
        muted = not all(graph.nodes[id].muted for id in ids)
        label = (
            Message("Mute {number:a layer|{number} layers}", number=len(ids))
            if muted
            else Message("Unmute {number:a layer|{number} layers}", number=len(ids))
        )
        self.do(edits.mute, ids, muted, label=label)

    def tidy(self) -> None:
        """Lay the network out anew, or only the selected layers where there are several."""
        from engine.project.layout import tidy

        graph = self.document.project.graph
        ids = self._chosen()
        places = tidy(graph, ids if len(ids) > 1 else None)
        if places and self.do(edits.place, places, label=Message("Tidy"), glide=True) and len(ids) <= 1:
            self.fit()

    def nudge(self, dx: float, dy: float) -> None:
        """Shift the selected layers a little. Nudges that follow each other are one step."""
        ids = self._chosen()
        if ids:
            merge = ("nudge", tuple(ids))
            self.do(
                edits.move,
                ids,
                dx,
                dy,
                label=Message("Move {number:a layer|{number} layers}", number=len(ids)),
                merge=merge,
            )
