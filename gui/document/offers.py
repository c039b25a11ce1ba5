"""The blocks and ends of blocks that may be put in where a person stands."""

from __future__ import annotations

from engine import kinds
from engine.project.blocks import Use
from gui.document.level import Level


def ends(level: Level) -> tuple[kinds.Layer, ...]:
    """Where values may enter and leave, while a block is open."""
    return tuple(kind() for kind in kinds.registry(kinds.BlockEnd).values()) if level.path else ()


def blocks(level: Level) -> tuple[Use, ...]:
    """A use of every block of the project that may be put in here: not of those that it stands in."""
    around = {use.block.name for use in level.uses}
    return tuple(
        Use(block=block)
        for block in level.document.project.graph.blocks.values()
        if block.name not in around and around.isdisjoint(inner.name for inner in block.within)
    )


def ready_made(level: Level) -> tuple[Use, ...]:
    """A use of every ready-made block whose name the project does not give to one of its own."""
    from engine.templates import blocks as ready  # here: the window shows itself before they are asked for

    taken = level.document.project.graph.blocks
    return tuple(Use(block=block) for block in ready.blocks() if block.name not in taken)
