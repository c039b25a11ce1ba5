"""When something can be done: what is selected, and what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.window.window import Window


def some_layers(window: Window) -> bool:
    """Whether layers are selected."""
    return window.editing and bool(window.workspace.current.selection)


def something(window: Window) -> bool:
    """Whether layers or wires are selected."""
    current = window.workspace.current
    return window.editing and bool(current.selection or current.wire_selection)


def some_blocks(window: Window) -> bool:
    """Whether a selected node uses a block."""
    from engine.project.blocks import Use

    if not some_layers(window):
        return False
    level = window.workspace.current.level
    return any(isinstance(level.node(id).kind, Use) for id in level.selection)


def inside_a_block(window: Window) -> bool:
    """Whether a block is open."""
    return window.editing and bool(window.workspace.current.level.path)


def some_sharing(window: Window) -> bool:
    """Whether a selected layer shares its weights."""
    if not some_layers(window):
        return False
    level = window.workspace.current.level
    sharers = level.project.graph.sharers
    return any(level.node(id).shares or id in sharers for id in level.selection)
