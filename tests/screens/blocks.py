"""Blocks and shared weights: folded, repeated, open, offered, and layers that share."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF

from engine import edits
from engine.edits import blocks as definitions
from engine.edits import folding, sharing
from engine.message import Message
from engine.project.layout import tidy
from engine.project.project import Project
from engine.templates import template
from gui.canvas import menus
from tests.gui.canvas.canvas_story import NONE, chain, kind
from tests.screens.stage import Stage


def blocks() -> Project:
    """Residual blocks in a small picture network: one repeated, one with a width of its own."""
    layers = [kind("Conv2d", out_channels=32, padding=1), kind("BatchNorm2d"), kind("ReLU"),
              kind("Conv2d", out_channels=32, padding=1), kind("Add"), kind("ReLU")]  # fmt: skip
    project = chain(kind("Conv2d", out_channels=32, padding=1), *layers,
                    kind("MaxPool2d"), kind("Flatten"), kind("Linear", out_features=10))  # fmt: skip
    project = edits.connect(project, "n2", "out", "n7", "xs")
    project = folding.fold(project, [f"n{i}" for i in range(3, 9)], "Residual block", "n20")
    project = edits.set_title(edits.set_param(project, "n20", "repeat", 3), "Digits residual")
    project = definitions.expose(project, ("n20",), "n3", "kernel_size")
    use = project.graph.nodes["n20"].kind
    project = edits.insert(project, "n21", use, project.graph.outgoing("n9")[0])
    project = edits.set_param(project, "n21", "repeat", 1)
    return edits.place(project, tidy(project.graph))


def block_used(stage: Stage) -> Iterator[object]:
    """A network of blocks, one of them selected, the project's blocks at the left."""
    stage.open(blocks(), "n20")
    stage.panel("blocks", "code")
    yield (stage.window,)


def block_open(stage: Stage) -> Iterator[object]:
    """Inside a repeated block, a layer selected whose setting is offered."""
    document = stage.open(blocks(), "n20")
    document.level.enter("n20")
    document.level.look_at(1)
    document.select({"n3"})
    stage.panel("blocks", "code")
    stage.canvas.viewport.fit()
    stage.settle()
    yield (stage.window,)


def block_page(stage: Stage) -> Iterator[object]:
    """Inside a block with nothing selected, and a problem in it."""
    document = stage.open(blocks(), "n21")
    document.level.enter("n21")
    document.level.do(edits.set_param, "n6", "out_channels", 24, label=Message("Set"))
    stage.panel("layers", "problems")
    stage.canvas.viewport.fit()
    stage.settle()
    yield (stage.window,)


def block_name(stage: Stage) -> Iterator[object]:
    """Folding asks for the name in place."""
    stage.open(template("digits-cnn").project())
    graph = stage.document.project.graph
    stage.document.select([id for id, node in graph.nodes.items() if node.kind.family != "io"][:4])
    stage.canvas.block_commands.fold()
    yield (stage.window,)
    stage.canvas.overlays.renaming.cancel()


def shared_weights(stage: Stage) -> Iterator[object]:
    """Two branches with the same layers."""
    project = chain(kind("Conv2d", out_channels=16, padding=1), kind("ReLU"), kind("Flatten"),
                    kind("Linear", out_features=10))  # fmt: skip
    project = edits.add(project, "n10", kind("Conv2d", out_channels=16, padding=1), (300, 70))
    project = edits.connect(project, "n1", "out", "n10", "x")
    project = edits.add(project, "n11", kind("Add"), (0, 0))
    project = edits.disconnect(project, project.graph.outgoing("n2"))
    for source in ("n2", "n10"):
        project = edits.connect(project, source, "out", "n11", "xs")
    project = sharing.share(edits.connect(project, "n11", "out", "n3", "x"), "n10", "n2")
    stage.open(edits.set_title(edits.place(project, tidy(project.graph)), "Twins"), "n10")
    yield (stage.window,)


def menu_block(stage: Stage) -> Iterator[object]:
    """What can be done with a block."""
    stage.open(blocks(), "n20")
    place = stage.hand.on("n20")
    menu = menus.build(stage.canvas, stage.canvas.mouse.pointer(QPointF(place), NONE), stage.canvas)
    menu.popup(stage.canvas.mapToGlobal(place))
    yield (stage.window, menu)
    menu.close()


SCREENS = {
    "block-used": block_used,
    "block-open": block_open,
    "block-page": block_page,
    "block-name": block_name,
    "block-menu": menu_block,
    "block-shared": shared_weights,
}
