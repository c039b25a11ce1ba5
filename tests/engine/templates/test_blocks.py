"""Ready-made blocks take any channels, train, and follow what a use chooses."""

from __future__ import annotations

import pytest
import torch

from engine.analysis.check import check
from engine.codegen.build import build
from engine.data.settings import DataSettings
from engine.project.blocks import Block, Use
from engine.project.project import Project
from engine.templates import blocks
from engine.templates.builder import Sketch
from tests.engine.projects import layer, source

BLOCKS = pytest.mark.parametrize("block", blocks.blocks(), ids=lambda block: block.name)


def around(block: Block, channels: int, **values: object) -> Project:
    """Digits, widened to so many channels, through a use of the block."""
    sketch = Sketch("Ready", DataSettings(source=source("Digits")))
    x = sketch.add(layer("Input"))
    x = sketch.add(layer("Conv2d", out_channels=channels, kernel_size=1), x)
    x = sketch.add(Use(block=block, values=tuple(values.items())), x)
    sketch.chain(x, layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    return sketch.project()


@BLOCKS
@pytest.mark.parametrize("channels", [1, 3, 64])
def test_it_takes_any_channels_and_learns(block: Block, channels: int) -> None:
    project = around(block, channels)
    analysis = check(project)
    assert analysis.problems == ()
    built = build(project, 0)
    pictures = torch.rand(4, 1, 8, 8)
    built.module(pictures).sum().backward()
    assert all(weight.grad is not None for weight in built.module.parameters())


@BLOCKS
def test_a_use_chooses_filters_and_stride(block: Block) -> None:
    use = check(around(block, 5, filters=24, stride=2)).nodes["n3"]
    assert str(use.outputs["out"]) == "N×24×4×4"


def test_a_separable_convolution_costs_a_fraction() -> None:
    plain, separable = blocks.blocks()[0], blocks.blocks()[1]
    costs = [check(around(block, 64)).nodes["n3"].macs for block in (plain, separable)]
    assert costs == [64 * 8 * 8 * 64 * 9, 64 * 8 * 8 * 9 + 64 * 8 * 8 * 64]


def test_a_depthwise_convolution_filters_each_channel_by_itself() -> None:
    kind = layer("DepthwiseConv2d", multiplier=2, padding=1, bias=False)
    sketch = Sketch("Depthwise", DataSettings(source=source("Digits")))
    x = sketch.add(layer("Conv2d", out_channels=3, kernel_size=1), sketch.add(layer("Input")))
    x = sketch.add(kind, x, name="depthwise")
    sketch.chain(x, layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    made = build(sketch.project(), 0).module.depthwise
    picture = torch.rand(1, 3, 8, 8)
    before = made(picture)
    picture[0, 1] += 1
    changed = (made(picture) - before).abs().amax(dim=(0, 2, 3)) > 1e-6
    assert changed.tolist() == [False, False, True, True, False, False]
