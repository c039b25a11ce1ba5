"""Runs a network node by node, straight from the graph: what the emitted code must agree with."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from engine.analysis.measure import runner
from engine.analysis.results import Analysis
from engine.codegen.build import Built
from engine.layers.input_output import Input, Output

Values = dict[tuple[str, str], Tensor]


def interpret(built: Built, analysis: Analysis, inputs: list[Tensor]) -> tuple[Values, list[Tensor]]:
    """Every value of the network by node and output, and what arrives at its Outputs, in their order."""
    graph = analysis.project.graph
    values: Values = {(id, "out"): value for id, value in zip(built.source.inputs, inputs, strict=True)}
    arrived = []
    for id in graph.order:
        node = graph.nodes[id]
        if id not in graph.alive or isinstance(node.kind, Input):
            continue
        wired: list[Any] = []
        for port in node.kind.ports():
            found = [values.get((w.source, w.output)) for w in graph.arriving(id, port.name)]
            wired.append(found if port.many else found[0] if found else None)
        if isinstance(node.kind, Output):
            arrived.append((id, wired[0]))
        elif node.muted:
            first = next(
                value[0] if isinstance(value, list) else value for value in wired if value not in (None, [])
            )
            values.update({(id, output): first for output in node.kind.outputs})
        else:
            code = analysis.nodes[id].code
            assert code is not None
            run = runner(code.lines, tuple(port.name for port in node.kind.ports()), node.kind.outputs)
            module = getattr(built.module, built.source.names[id], None)
            values.update({(id, o): v for o, v in zip(node.kind.outputs, run(module, *wired), strict=True)})
    return values, [
        value for _, value in sorted(arrived, key=lambda pair: built.source.outputs.index(pair[0]))
    ]
