"""Tracing a network with `torch.export`, for the formats that hold a program rather than source."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from engine.analysis.measure import runner
from engine.analysis.results import Facts
from engine.codegen.build import layer_module
from engine.exports.model import TRACED, Model, dtype_of
from engine.project.graph import Node

Attempt = Callable[[nn.Module, tuple[Tensor, ...]], object]


@contextmanager
def silenced() -> Iterator[None]:
    """Keep what exporters say about themselves from the console: that torchvision is missing, that PyTorch's
    own code is deprecated.
    """
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def traced(module: nn.Module, inputs: tuple[Tensor, ...], several: bool = False) -> ExportedProgram:
    """The program of a module for any number of samples, without a word about where its source stood.
    `inputs` are example batches, each TRACED×…

    `several` is for a module that takes `*inputs`.
    """
    batch = Dim("N")
    axes: Any = tuple({0: batch} for _ in inputs)
    with silenced(), torch.no_grad():
        program = torch.export.export(module, inputs, dynamic_shapes=(axes,) if several else axes)
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    return program


def culprit(model: Model, attempt: Attempt, error: Exception) -> tuple[Node, Exception] | None:
    """A layer that fails when it is exported alone, with what it raises, or None where each of them can be.

    An exporter names what it made of a layer, which a person has never seen. Layers that sound like it are
    tried first.
    """
    tried: set[object] = set()
    graph = model.project.graph
    message = str(error).replace("_", "").lower()
    order = sorted(graph.order, key=lambda id: type(graph.nodes[id].kind).__name__.lower() not in message)
    for id in order:
        node, facts = graph.nodes[id], model.analysis.nodes[id]
        key = (node.kind, tuple(facts.inputs.values()))
        if facts.code is None or facts.unused or node.muted or key in tried:
            continue
        tried.add(key)
        shapes = [shape for arrived in facts.inputs.values() for shape in arrived]
        inputs = tuple(torch.zeros(shape.at(TRACED), dtype=dtype_of(shape)) for shape in shapes)
        try:
            attempt(Alone(node, facts).eval(), inputs)
        except Exception as own:  # whatever it is, it is this layer's
            return node, own
    return None


class Alone(nn.Module):
    """One layer of a network as a module, with the values of all its ports as arguments."""

    def __init__(self, node: Node, facts: Facts) -> None:
        super().__init__()
        assert facts.code is not None
        self.layer = layer_module(facts.code)
        ports = node.kind.ports()
        self.counts = [len(facts.inputs[port.name]) for port in ports]
        self.many = [port.many for port in ports]
        self.call = runner(facts.code.lines, tuple(port.name for port in ports), node.kind.outputs)

    def forward(self, *inputs: Tensor) -> Any:
        """The layer's outputs, of what arrives at its ports, wire by wire, each N×…"""
        waiting = iter(inputs)
        values: list[Any] = []
        for count, many in zip(self.counts, self.many, strict=True):
            arrived = [next(waiting) for _ in range(count)]
            values.append(arrived if many else arrived[0] if arrived else None)
        return self.call(self.layer, *values)
