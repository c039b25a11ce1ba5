"""When something can be done: what is selected, and what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.project.blocks import Use

if TYPE_CHECKING:
    from gui.session import Session


def a_past_run(session: Session) -> bool:
    """Whether nothing trains, and the network in front shows a run that left weights."""
    trainer = session.existing_trainer()
    if not session.editing or trainer is None or trainer.running:
        return False
    return trainer.last_runs.weights_of(session.workspace.current) is not None


def some_layers(session: Session) -> bool:
    """Whether layers are selected."""
    return session.editing and bool(session.workspace.current.selection)


def something(session: Session) -> bool:
    """Whether layers or wires are selected."""
    current = session.workspace.current
    return session.editing and bool(current.selection or current.wire_selection)


def some_blocks(session: Session) -> bool:
    """Whether a selected node uses a block."""
    if not some_layers(session):
        return False
    level = session.workspace.current.level
    return any(isinstance(level.node(id).kind, Use) for id in level.selection)


def inside_a_block(session: Session) -> bool:
    """Whether a block is open."""
    return session.editing and bool(session.workspace.current.level.path)


def some_sharing(session: Session) -> bool:
    """Whether a selected layer shares its weights."""
    if not some_layers(session):
        return False
    level = session.workspace.current.level
    sharers = level.project.graph.sharers
    return any(level.node(id).shares or id in sharers for id in level.selection)
