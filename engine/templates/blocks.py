"""Blocks that are there to begin with. They work on any number of channels that arrives."""

from __future__ import annotations

from functools import cache

from engine.layers.activation import ReLU
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.combine import Add
from engine.layers.convolution import Conv2d, DepthwiseConv2d
from engine.project.blocks import Block
from engine.templates.builder import Sketch, block


@cache
def blocks() -> tuple[Block, ...]:
    """The definitions, simplest first. Using one puts a copy of it into the project."""
    return (
        block(
            "Convolution block",
            _convolution,
            offers={"filters": ["conv1.out_channels"], "stride": ["conv1.stride"]},
        ),
        block(
            "Depthwise separable",
            _separable,
            offers={"filters": ["conv1.out_channels"], "stride": ["depthwise1.stride"]},
        ),
        block(
            "Residual block with shortcut",
            _residual,
            offers={
                "filters": ["conv1.out_channels", "conv2.out_channels", "shortcut.out_channels"],
                "stride": ["conv1.stride", "shortcut.stride"],
            },
        ),
    )


def _convolution(inner: Sketch, x: str) -> str:
    return inner.chain(x, Conv2d(out_channels=64, padding=1, bias=False), BatchNorm2d(), ReLU())


def _separable(inner: Sketch, x: str) -> str:
    """Howard et al. 2017, "MobileNets": a filter for each channel, then a mixture at every place."""
    x = inner.chain(x, DepthwiseConv2d(padding=1, bias=False), BatchNorm2d(), ReLU())
    return inner.chain(x, Conv2d(out_channels=64, kernel_size=1, bias=False), BatchNorm2d(), ReLU())


def _residual(inner: Sketch, x: str) -> str:
    """He et al. 2015, "Deep residual learning": the skip has a 1×1 convolution, so that any sizes fit."""
    skip = inner.add(Conv2d(out_channels=64, kernel_size=1, bias=False), x, name="shortcut")
    y = inner.chain(x, Conv2d(out_channels=64, padding=1, bias=False), BatchNorm2d(), ReLU())
    y = inner.chain(y, Conv2d(out_channels=64, padding=1, bias=False), BatchNorm2d())
    return inner.chain(inner.add(Add(), y, inner.chain(skip, BatchNorm2d())), ReLU())
