"""From a graph to Keras 3 source in the functional style: the second dialect, beside the PyTorch that trains.

Keras puts channels last. Every value is written with its axes as they then stand, and a `Permute` brings
them into PyTorch's order only where a layer needs it, so that trained weights carry over. Nothing here needs
Keras.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.analysis.walk import Turn
from engine.codegen.body import Part, plain
from engine.codegen.emit import Page, Source
from engine.codegen.keras.body import OWN, Copy, KerasBody, Noted
from engine.codegen.wrap import wrapped
from engine.kinds.identifiers import RESERVED, Names, free, identifier
from engine.message import Message, counted
from engine.project.project import Project


@frozen
class KerasSource(Source):
    """The Keras code of a network; its `class_name` is the name of the function that makes the model.

    `notes` tell how it differs from the PyTorch code, each with the nodes it is about. `missing` says why a
    node has no Keras form; the code raises there. `turned` has the Inputs and Outputs whose channels stand
    last.
    """

    notes: tuple[Noted, ...] = ()
    missing: Mapping[str, Message] = field(factory=dict)
    turned: frozenset[str] = frozenset()
    copies: tuple[Copy, ...] = ()


def emit_keras(project: Project, analysis: Analysis | None = None) -> KerasSource:
    """The Keras source of a project's network. A broken network gives what is known."""
    analysis = analysis if analysis is not None and analysis.project is project else check(project)
    graph = project.graph
    name = free(identifier(graph.name, "network"), {*RESERVED, *OWN})
    file = File(name)
    order = [graph.nodes[id] for id in graph.order if id in graph.alive]
    inputs = [node for node in graph.inputs if node.id in graph.alive]
    body = KerasBody(file, graph, analysis.found, order, inputs)
    body.write()
    if body.results and inputs:
        given = ["inputs"] if body.chained else [body.values.names[node.id, "out"] for node in inputs]
        ends = [variable for _, variable in body.results]
        result = f"    return keras.Model({_joined(given)}, {_joined(ends)})"
        body.parts.append((result, tuple([id for id, _ in body.results])))
    else:
        body.parts.append(("    return None  # the network is not finished", ()))
    doc = f"{plain(graph.name)[:70]}. {counted(analysis.parameters, 'parameter')}."
    lines, owners = file.add(f"def {name}():", doc, body.parts)
    return KerasSource(
        file.text(),
        name,
        lines,
        body.attributes,
        owners,
        tuple([node.id for node in inputs]),
        tuple([id for id, _ in body.results]),
        body.complete and not body.missing and bool(body.results) and bool(inputs),
        body.uses,
        file.pages,
        body.noted(),
        body.missing,
        frozenset(body.turned_ends),
        tuple(body.copies),
    )


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


class File:
    """The functions of a file, those of blocks first. Blocks that come to the same lines share a function."""

    def __init__(self, name: str) -> None:
        self.pages: dict[str, Page] = {}
        self._names = Names({*RESERVED, *OWN, name})
        self._lines = ["import keras", ""]
        self._blocks: dict[tuple[str, ...], str] = {}
        self._seen: dict[tuple[int, tuple[bool, ...]], tuple[str, KerasBody]] = {}

    def add(
        self, head: str, doc: str, parts: Iterable[Part], arguments: Iterable[str] = ()
    ) -> tuple[dict[str, tuple[int, ...]], dict[int, str]]:
        """Write a function whose arguments are those nodes. Gives the lines of each node, and each line's
        node.
        """
        self._lines += ["", "", head, f'    """{doc}"""']
        lines: dict[str, tuple[int, ...]] = dict.fromkeys(arguments, (len(self._lines) - 1,))
        owners: dict[int, str] = {}
        for text, nodes in parts:
            first = len(self._lines) + 1
            self._lines += [text] if text.lstrip().startswith("#") else wrapped(text)
            for number in range(first, len(self._lines) + 1):
                for node in nodes:
                    owners.setdefault(number, node)
                    lines[node] = (*lines.get(node, ()), number)
        return lines, owners

    def bring(self, text: str) -> None:
        """Write a class that the functions after it need, once."""
        lines = text.splitlines()
        if lines[0] not in self._lines:
            self._lines += ["", "", *lines]

    def text(self) -> str:
        """The text of the file."""
        body = "\n".join(self._lines[2:])
        used = [name for name in ("layers", "ops") if f"{name}." in body]
        imports = f"from keras import {', '.join(used or ['layers'])}"
        return "\n".join([self._lines[0], imports, body]) + "\n"

    def block(self, turn: Turn, ends: tuple[bool, ...] = ()) -> tuple[str, KerasBody]:
        """The function of one time through a block, and its body; `ends` says how the axes of what comes out
        shall stand where they may not stand as they come.
        """
        key = (id(turn), ends)
        if key not in self._seen:
            self._seen[key] = self._written(turn, ends)
        return self._seen[key]

    def _written(self, turn: Turn, ends: tuple[bool, ...]) -> tuple[str, KerasBody]:
        block, graph = turn.use.block, turn.use.graph
        unused = [node for node in block.entries if node.id not in graph.alive]
        order = [*unused, *(graph.nodes[id] for id in graph.order if id in graph.alive)]
        body = KerasBody(self, graph, turn.found, order, block.entries, nested=True)
        body.write()
        body.end(ends)
        arguments = ", ".join([*(body.values.names[node.id, "out"] for node in block.entries), "name"])
        written = (arguments, *(text for text, _ in body.parts))
        name = self._blocks.get(written)
        if name is None:
            name = self._blocks[written] = self._names.give(identifier(block.name, "block"))
            doc = f"{plain(block.name)[:70]}. {counted(turn.parameters, 'parameter')}."
            entries = [node.id for node in block.entries]
            lines, _ = self.add(f"def {name}({arguments}):", doc, body.parts, entries)
            self.pages[name] = Page(lines, body.attributes, body.uses)
        return name, body
