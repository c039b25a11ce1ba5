"""Runs a layer in both dialects: PyTorch's module and the Keras function that is written for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch
from torch import nn

from engine import kinds
from engine.analysis.block_results import BlockModule
from engine.analysis.measure import Arrival
from engine.analysis.walk import measure
from engine.codegen.build import block_module
from engine.codegen.keras.body import KerasFile
from engine.codegen.keras.forms.form import Value
from engine.codegen.keras.weights import copy_weights
from engine.kinds import BlockEnd, Layer
from engine.kinds.shapes import Shape
from engine.message import Message
from engine.project.blocks import Block, Use
from engine.project.graph import Graph, Node, Wire

CLOSE = 1e-5
Found = float | Message | None
"""The largest difference, or why there is no Keras form; None where the layer cannot take what arrives."""


def tried(
    kind: Layer,
    arrivals: Sequence[Arrival],
    turned: bool = False,
    batches: Sequence[int] = (1, 7),
    most: int = 5,
) -> Found:
    """Run one layer both ways. With `turned` its channels stand last before it."""
    nodes: list[Node] = []
    wires: list[Wire] = []
    shapes: list[Shape] = []
    ends = kinds.registry(BlockEnd)
    for port, arrival in zip_longest(kind.ports(), arrivals):
        for shape in arrival if isinstance(arrival, tuple) else [arrival]:
            if shape is None:
                continue
            id = f"in{len(shapes)}"
            shapes.append(shape)
            nodes.append(Node(id, ends["Entry"](), f"value {len(shapes)}"))
            if turned and 3 <= len(shape.dims) <= 5 and shape.dtype == "float":
                pool = kinds.registry(Layer)[f"MaxPool{len(shape.dims) - 2}d"](kernel_size=1)
                nodes.append(Node(f"{id}pool", pool, f"turn {len(shapes)}"))
                wires.append(Wire(id, "out", f"{id}pool", "x"))
                id = f"{id}pool"
            wires.append(Wire(id, "out", "layer", port.name))
    nodes.append(Node("layer", kind, "layer"))
    for output in kind.outputs:
        nodes.append(Node(f"end {output}", ends["Exit"](), output))
        wires.append(Wire("layer", output, f"end {output}", "x"))
    return block_tried(Graph("Tried", {node.id: node for node in nodes}, tuple(wires)), shapes, batches, most)


def block_tried(
    graph: Graph, shapes: Sequence[Shape], batches: Sequence[int] = (1, 7), most: int = 5
) -> Found:
    """Run a whole block both ways."""
    use = Use(block=Block(graph))
    measured = measure(use, tuple(shapes))
    if measured.objections:
        return None
    assert measured.code is not None
    assert isinstance(measured.code.make, BlockModule)
    turn = measured.code.make.repetitions[0]
    file = KerasFile("network")
    name, body = file.block(turn)
    if body.missing:
        return next(iter(body.missing.values()))
    assert body.complete
    module = randomised(block_module(measured.code.make)).eval()
    keras.utils.clear_session(free_memory=False)
    space: dict[str, Any] = {}
    exec(compile(file.text(), "<tried>", "exec"), space)
    inputs = [
        keras.Input(Value(shape, {}, turned).sizes, dtype="int32" if shape.dtype == "int" else "float32")
        for shape, turned in zip(shapes, body.entries_turned(), strict=True)
    ]
    outputs = space[name](*inputs, "tried")
    model = keras.Model(inputs, outputs)
    whole = nn.Module()
    whole.tried = module
    copy_weights(whole, model, [copy.within("tried") for copy in body.copies])
    assert bool(model.trainable_weights) == any(p.requires_grad for p in module.parameters())
    return max(apart(module, model, shapes, body, samples, most) for samples in batches)


def apart(
    module: nn.Module, model: Any, shapes: Sequence[Shape], body: Any, samples: int, most: int
) -> float:
    """How far the two are apart at most, as a share of the largest number where that is above 1."""
    generator = np.random.default_rng(samples)
    values = [drawn(shape, samples, generator, most) for shape in shapes]
    with torch.no_grad():
        wanted = module(*map(torch.from_numpy, values))
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    given = [
        np.moveaxis(value, 1, -1) if turned else value
        for value, turned in zip(values, body.entries_turned(), strict=True)
    ]
    found = model(given, training=False)
    found = found if isinstance(found, list | tuple) else [found]
    largest = 0.0
    for one, other, turned in zip(wanted, found, body.ends_turned(), strict=True):
        array = other.detach().numpy()
        array = np.moveaxis(array, -1, 1) if turned else array
        assert array.shape == tuple(one.shape), (array.shape, one.shape)
        expected = one.detach().numpy().astype(np.float64)
        gap = np.abs(expected - array) / max(1, float(np.nanmax(np.abs(expected), initial=0)))
        unlike = np.isnan(expected) != np.isnan(array)
        gap = np.where(expected == array, 0, np.nan_to_num(gap, nan=0.0, posinf=np.inf))
        largest = max(largest, float(gap.max(initial=0.0)), float(unlike.any()))
    return largest


def drawn(shape: Shape, samples: int, generator: np.random.Generator, most: int) -> Any:
    """Numbers between −1 and 1, or whole ones below `most` where those are wanted."""
    if shape.dtype == "int":
        return generator.integers(0, most, shape.at(samples))
    return generator.uniform(-0.95, 0.95, shape.at(samples)).astype(np.float32)


def randomised(module: nn.Module) -> nn.Module:
    """Other weights than zeros and ones, so that none can stand in for another, and so large that what passes
    a layer keeps its size: where it grew, so would the last bit in which two libraries round differently.
    """
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            into_one = parameter[0].numel() if parameter.ndim > 1 else 1
            bound = min(0.5, (3 / into_one) ** 0.5)
            parameter.uniform_(-bound, bound, generator=generator)
        for name, buffer in module.named_buffers():
            if buffer.is_floating_point():
                low = 0.5 if "var" in name else -0.5
                buffer.uniform_(low, low + 1, generator=generator)
    return module


def agrees(found: Found) -> None:
    """The trial ran, and the two came to the same numbers."""
    assert isinstance(found, float), found
    assert found < CLOSE
