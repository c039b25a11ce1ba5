"""Networks with blocks in them, and what comes of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.codegen.build import Built
from engine.data.prepare import prepare
from engine.edits.folding import fold
from engine.kinds import Layer
from engine.layers.block_ends import Entry, Exit
from engine.project.blocks import Block, Use
from engine.project.project import Project
from engine.templates.builder import Sketch
from engine.training.objectives import inputs
from tests.engine.projects import chain, layer


def residual(name: str = "Residual block", channels: int = 4) -> Block:
    """Two convolutions and a way around them."""
    sketch = Sketch(name)
    x = sketch.add(Entry(), name="x")
    conv = sketch.add(layer("Conv2d", out_channels=channels, padding=1), x, name="conv")
    norm = sketch.add(layer("BatchNorm2d"), conv, name="norm")
    skip = sketch.add(layer("Conv2d", out_channels=channels, kernel_size=1), x, name="skip")
    total = sketch.add(layer("Add"), norm, skip, name="add")
    sketch.add(Exit(), sketch.add(layer("ReLU"), total, name="relu"), name="out")
    return Block(sketch.project().graph)


def network(*uses: Layer, title: str = "Net") -> Project:
    """Blocks one after the other, for the digits."""
    end = [layer("Flatten"), layer("Linear", out_features=10), layer("Output")]
    return chain(*uses, *end, data="Digits", title=title)


def layers_of(built: Built) -> dict[str, Any]:
    """Every module by the id of its node, those in blocks that are used once included."""
    found: dict[str, Any] = {}

    def collect(container: nn.Module, names: Any, uses: Any) -> None:
        for id, name in names.items():
            part = getattr(container, name, None)
            if id in uses:
                page = built.source.classes[uses[id][0]]
                collect(part, page.names, page.uses)
            elif part is not None:
                found[id] = part

    collect(built.module, built.source.names, built.source.uses)
    return found


def answers(built: Built, project: Project) -> tuple[Tensor, ...]:
    """What the network says of a few samples, without chance."""
    torch.manual_seed(0)
    columns = prepare(project.data).train.batch(slice(0, 4))
    with torch.no_grad():
        said = built.module.eval()(*inputs(columns, built.inputs, torch.device("cpu")))
    return said if isinstance(said, tuple) else (said,)


def nested() -> Project:
    """A block used by itself and inside another one."""
    project = network(Use(block=residual()), Use(block=residual()), layer("ReLU"))
    return fold(project, ["n3", "n4"], "Stage", "n9")


def one_is(project: Project, id: str, kind: str) -> bool:
    return type(project.graph.nodes[id].kind).__name__ == kind
