"""What the keys do on the canvas. Ctrl is the command key on a Mac, as Qt has it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from engine.project.graph import Graph
from gui.canvas.bindings import BY_KEYS, Canvas
from gui.canvas.geometry.scene import Scene

Key = Qt.Key
STEP = 8.0
"""Px of the canvas that a nudge moves."""

_ARROWS: Mapping[Qt.Key, tuple[int, int]] = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, -1),
    Key.Key_Down: (0, 1),
}


def is_search(event: QKeyEvent) -> bool:
    """Whether it is Tab alone, which Qt would use to move the focus."""
    return event.key() == Key.Key_Tab and event.modifiers() == Qt.KeyboardModifier.NoModifier


def press(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what a key stands for; False where it stands for nothing."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    level = canvas.level
    arrow = _ARROWS.get(Key(event.key()))
    if arrow is not None and modifiers == Qt.KeyboardModifier.ShiftModifier:
        canvas.edit_commands.nudge(arrow[0] * STEP, arrow[1] * STEP)
        return True
    if arrow is not None and not modifiers:
        walk(canvas, *arrow)
        return True
    if event.key() in (Key.Key_Return, Key.Key_Enter) and not modifiers:
        if canvas.current in level.selection:
            canvas.open(canvas.current)
        return True
    chosen = level.selection or level.wire_selection
    if event.key() == Key.Key_Backspace and not modifiers and not chosen:
        canvas.block_commands.go_up()
        return True
    pressed = QKeySequence(event.keyCombination())
    for keys, binding in BY_KEYS.items():
        if QKeySequence(keys).matches(pressed) == QKeySequence.SequenceMatch.ExactMatch:
            binding.run(canvas)
            return True
    return False


def escape(canvas: Canvas) -> None:
    """Give up what is going on; else select nothing; else leave the open block."""
    level = canvas.level
    if canvas.mouse.escape():
        return
    if level.selection or level.wire_selection:
        level.select(())
    else:
        canvas.block_commands.go_up()


def walk(canvas: Canvas, dx: int, dy: int) -> None:
    """Select the next node that way: up and down along wires, to the sides to the nearest one beside."""
    level = canvas.level
    graph = level.project.graph
    if not canvas.scene.ids:
        return
    target: str | None
    if canvas.current is None or canvas.current not in level.selection:
        target = graph.order[0] if dy >= 0 and dx >= 0 else graph.order[-1]
    elif dy:
        target = _along(graph, canvas.current, dy)
    else:
        target = _beside(canvas.scene, canvas.current, dx)
    if target is not None:
        canvas.current = target
        level.select({target})
        canvas.viewport.reveal([target])


def _along(graph: Graph, id: str, dy: int) -> str | None:
    """The node that a wire leads to, or comes from: of several the one straight below or above."""
    ends = (
        [wire.target for wire in graph.outgoing(id)]
        if dy > 0
        else [wire.source for wire in graph.incoming(id)]
    )
    nodes = graph.nodes
    return min(ends, key=lambda end: abs(nodes[end].x - nodes[id].x), default=None)


def _beside(scene: Scene, id: str, dx: int) -> str | None:
    """The nearest node to one side, rather at the same height than elsewhere."""
    own = scene.rects[scene.row[id]]
    away = scene.rects[:, :2] + scene.rects[:, 2:] / 2 - own[:2] - own[2:] / 2
    across, down = away[:, 0] * dx, np.abs(away[:, 1])
    cost = np.where(across > 1, across + 3 * down, np.inf)
    best = int(np.argmin(cost))
    return scene.ids[best] if np.isfinite(cost[best]) else None
