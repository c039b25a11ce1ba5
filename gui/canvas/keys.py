"""What the keys do on the canvas. Ctrl is the command key on a Mac, as Qt has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from gui.canvas.canvas import Canvas

Key = Qt.Key
STEP = 8.0
"""Px of the canvas that a nudge moves."""

_ARROWS: Mapping[Qt.Key, tuple[int, int]] = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, -1),
    Key.Key_Down: (0, 1),
}

BINDINGS: Mapping[str, str] = {
    "Del": "delete",
    "Backspace": "delete",
    "Ctrl+Del": "dissolve",
    "Ctrl+A": "select_all",
    "Ctrl+X": "cut",
    "Ctrl+C": "copy",
    "Ctrl+V": "paste",
    "Ctrl+D": "duplicate",
    "Ctrl+L": "tidy",
    "F2": "rename",
    "M": "toggle_mute",
    "K": "take_knife",
    "F": "fit",
    "Shift+F": "fit_selection",
    "Ctrl+0": "fit",
    "Ctrl+1": "zoom_reset",
    "Ctrl++": "zoom_in",
    "Ctrl+=": "zoom_in",
    "Ctrl+-": "zoom_out",
    "+": "zoom_in",
    "-": "zoom_out",
    "Tab": "open_search",
    "Ctrl+G": "fold",
    "Ctrl+Shift+G": "unfold",
}
"""Keys and the method of the canvas that they call. The window's own actions come first."""


def keys_of(method: str) -> str:
    """The first keys that call a method, as `QKeySequence` reads them."""
    return next((keys for keys, name in BINDINGS.items() if name == method), "")


def is_search(event: QKeyEvent) -> bool:
    """Whether it is Tab alone, which Qt would use to move the focus."""
    return event.key() == Key.Key_Tab and event.modifiers() == Qt.KeyboardModifier.NoModifier


def press(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what a key stands for; False where it stands for nothing."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    arrow = _ARROWS.get(Key(event.key()))
    if arrow is not None:
        if modifiers == Qt.KeyboardModifier.ShiftModifier:
            canvas.nudge(arrow[0] * STEP, arrow[1] * STEP)
            return True
        if modifiers == Qt.KeyboardModifier.NoModifier:
            walk(canvas, *arrow)
            return True
        return False
    if event.key() in (Key.Key_Return, Key.Key_Enter) and not modifiers:
        if canvas.current in canvas.document.selection and not canvas.document.enter(canvas.current):
            canvas.inspect.emit(canvas.current)
        return True
    chosen = canvas.document.selection or canvas.document.wire_selection
    if event.key() == Key.Key_Backspace and not modifiers and not chosen:
        canvas.go_up()
        return True
    pressed = QKeySequence(event.keyCombination())
    for keys, method in BINDINGS.items():
        if QKeySequence(keys).matches(pressed) == QKeySequence.SequenceMatch.ExactMatch:
            act: Callable[[], None] = getattr(canvas, method)
            act()
            return True
    return False


def walk(canvas: Canvas, dx: int, dy: int) -> None:
    """Select the next node that way: up and down along wires, to the sides to the nearest one beside."""
    scene, document = canvas.scene, canvas.document
    if not scene.ids:
        return
    current = canvas.current if canvas.current in document.selection else None
    if current is None:
        target: str | None = (
            document.project.graph.order[0] if dy >= 0 and dx >= 0 else document.project.graph.order[-1]
        )
    elif dy:
        target = _along(canvas, current, dy)
    else:
        target = _beside(canvas, current, dx)
    if target is not None:
        canvas.current = target
        document.select({target})
        canvas.reveal([target])


def _along(canvas: Canvas, id: str, dy: int) -> str | None:
    """The node that a wire leads to, or comes from: of several the one straight below or above."""
    graph = canvas.document.project.graph
    ends = (
        [wire.target for wire in graph.outgoing(id)]
        if dy > 0
        else [wire.source for wire in graph.incoming(id)]
    )
    nodes = graph.nodes
    return min(ends, key=lambda end: abs(nodes[end].x - nodes[id].x), default=None)


def _beside(canvas: Canvas, id: str, dx: int) -> str | None:
    """The nearest node to one side, rather at the same height than elsewhere."""
    scene = canvas.scene
    own = scene.rects[scene.row[id]]
    away = scene.rects[:, :2] + scene.rects[:, 2:] / 2 - own[:2] - own[2:] / 2
    across, down = away[:, 0] * dx, np.abs(away[:, 1])
    cost = np.where(across > 1, across + 3 * down, np.inf)
    best = int(np.argmin(cost))
    return scene.ids[best] if np.isfinite(cost[best]) else None
