"""From a graph to Keras 3 source in the functional style: the second dialect, beside the PyTorch that trains.

Keras puts channels last. Every value is written with its axes as they then stand, and a `Permute` brings
them into PyTorch's order only where a layer needs it, so that trained weights carry over. Nothing here needs
Keras.
"""

from __future__ import annotations

from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.codegen.keras.body import OWN, KerasBody, KerasFile
from engine.codegen.keras.source import KerasSource
from engine.codegen.names import plain
from engine.kinds.identifiers import RESERVED, free, identifier
from engine.message import counted
from engine.project.project import Project


def emit_keras(project: Project, analysis: Analysis | None = None) -> KerasSource:
    """The Keras source of a project's network. A broken network gives what is known."""
    analysis = analysis if analysis is not None and analysis.project is project else check(project)
    graph = project.graph
    name = free(identifier(graph.name, "network"), {*RESERVED, *OWN})
    file = KerasFile(name)
    order = [graph.nodes[id] for id in graph.order if id in graph.alive]
    inputs = [node for node in graph.inputs if node.id in graph.alive]
    body = KerasBody(file, graph, analysis.results, order, inputs)
    body.write()
    if body.returned and inputs:
        given = ["inputs"] if body.chained else [body.variables.names[node.id, "out"] for node in inputs]
        ends = [variable for _, variable in body.returned]
        result = f"    return keras.Model({_joined(given)}, {_joined(ends)})"
        body.lines.append((result, tuple([id for id, _ in body.returned])))
    else:
        body.lines.append(("    return None  # the network is not finished", ()))
    doc = f"{plain(graph.name)[:70]}. {counted(analysis.parameters, 'parameter')}."
    lines, owners = file.add(f"def {name}():", doc, body.lines)
    return KerasSource(
        file.text(),
        name,
        lines,
        body.attributes,
        owners,
        tuple([node.id for node in inputs]),
        tuple([id for id, _ in body.returned]),
        body.complete and not body.missing and bool(body.returned) and bool(inputs),
        body.uses,
        file.blocks,
        body.noted(),
        body.missing,
        frozenset(body.turned_ends),
        tuple(body.copies),
    )


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"
