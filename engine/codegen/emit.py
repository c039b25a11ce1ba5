"""From a graph to the PyTorch source that a good engineer would have written by hand. This very source is
what trains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from attrs import field, frozen

from engine.analysis.block_results import BlockModule, BlockResult
from engine.analysis.check import check
from engine.analysis.results import Analysis, NodeResult
from engine.codegen import custom_modules
from engine.codegen.block_classes import Classes, Draft
from engine.codegen.body import Body, Part, plain, written
from engine.codegen.wrap import WIDTH, wrapped
from engine.kinds.identifiers import class_identifier, free, identifier
from engine.layers.ends import Output
from engine.message import counted
from engine.plugins import module_text
from engine.project.project import Project

__all__ = ["Page", "Source", "class_identifier", "emit", "emit_block", "identifier"]

Lines = Mapping[str, tuple[int, ...]]


@frozen
class Page:
    """The class of a block: which lines belong to which node inside, each node's attribute, and the classes
    of the blocks that are used inside, one for each time through them.
    """

    lines: Lines
    names: Mapping[str, str]
    uses: Mapping[str, tuple[str, ...]]


@frozen
class Source:
    """The code of a network: its text, the name of its class, and which lines (from 1) belong to which node.

    `names` gives each node's attribute in the module, for the nodes that have one; `owners` the node that a
    line computes. `inputs` and `outputs` are the ids of the Input and Output nodes in the order of
    `forward`'s arguments and results, an Output as often as it has inputs. `complete` is false where the
    network is broken or unfinished, so that the code ends early. `uses` names the classes of each node that
    uses a block, and `classes` has them.
    """

    text: str
    class_name: str
    lines: Lines
    names: Mapping[str, str]
    owners: Mapping[int, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    complete: bool
    uses: Mapping[str, tuple[str, ...]] = field(factory=dict)
    classes: Mapping[str, Page] = field(factory=dict)

    def inside(self, path: Iterable[str]) -> Lines:
        """The lines of each node inside the block at the end of a path: the ids of the nodes that use it."""
        pages = [Page(self.lines, self.names, self.uses)]
        for id in path:
            pages = [self.classes[name] for page in pages for name in dict.fromkeys(page.uses.get(id, ()))]
        lines: dict[str, tuple[int, ...]] = {}
        for page in pages:
            for id, numbers in page.lines.items():
                lines[id] = tuple(dict.fromkeys((*lines.get(id, ()), *numbers)))
        return lines


def emit(project: Project, analysis: Analysis | None = None) -> Source:
    """The source of a project's network: one class, and one for each block, importable with torch alone. A
    broken network gives what is known.
    """
    analysis = analysis if analysis is not None and analysis.project is project else check(project)
    graph = project.graph
    wanted = graph.alive
    order = [graph.nodes[id] for id in graph.order if id in wanted]
    inputs = [node for node in graph.inputs if node.id in wanted]
    brought = custom_modules.texts(analysis.results[node.id] for node in order)
    class_name = free(class_identifier(graph.name), module_text.names(brought), "")
    classes = Classes([class_name, *module_text.names(brought)])
    classes.collect(analysis.results[node.id] for node in order)
    body = written(graph, analysis.results, order, inputs, classes.calls(_assemblies(analysis.results)))
    drafts = [(draft, _of_block(draft, classes)) for draft in classes]
    text = _Text(_imports([*(body for _, body in drafts), body], brought), brought)
    pages: dict[str, Page] = {}
    for draft, inner in drafts:
        head = f"{plain(draft.turn.use.block.name)[:70]}. {draft.size}."
        entries = [node.id for node in draft.turn.use.block.entries]
        lines, _ = text.add(draft.name, head, inner, entries, draft.head)
        pages[draft.name] = Page(lines, inner.names, _uses(draft.turn.results, classes))
    head = f"{plain(graph.name)[:70]}. {counted(analysis.parameters, 'parameter')}."
    lines, owners = text.add(class_name, head, body, [node.id for node in inputs])
    ends = [node for node in order if isinstance(node.kind, Output)]
    outputs = tuple([node.id for node in ends for _ in graph.used_ports(node.id)])
    return Source(
        text.whole(),
        class_name,
        lines,
        body.names,
        owners,
        tuple([node.id for node in inputs]),
        outputs,
        body.complete and bool(inputs) and bool(outputs),
        _uses(analysis.results, classes),
        pages,
    )


def emit_block(block: BlockModule) -> tuple[str, str]:
    """The classes of one block by themselves, and the expression that makes its module from them."""
    every = (one for repetition in block.repetitions for one in repetition.results.values())
    brought = custom_modules.texts(every)
    classes = Classes(module_text.names(brought))
    classes.add(block)
    drafts = [(draft, _of_block(draft, classes)) for draft in classes]
    text = _Text(["import torch", *_imports([body for _, body in drafts], brought)], brought)
    for draft, body in drafts:
        text.add(draft.name, plain(draft.turn.use.block.name)[:70], body, [], draft.head)
    return text.whole(), classes.call(block)


def _of_block(draft: Draft, classes: Classes) -> Body:
    return _inside(draft.turn, not draft.varied, tuple(classes.calls_inside(draft).items()))


@lru_cache(maxsize=2000)
def _inside(turn: BlockResult, comments: bool, calls: tuple[tuple[str, str], ...]) -> Body:
    """The body of a block's class, kept as long as what is known of the inside is."""
    graph, entries = turn.use.graph, turn.use.block.entries
    unused = [node for node in entries if node.id not in graph.alive]
    order = [*unused, *(graph.nodes[id] for id in graph.order if id in graph.alive)]
    return written(graph, turn.results, order, entries, dict(calls), comments)


def _assemblies(found: Mapping[str, NodeResult]) -> Iterator[tuple[str, BlockModule]]:
    """The blocks that these nodes use, by their ids."""
    for id, one in found.items():
        make = one.facts.code.make if one.facts.code is not None and not one.facts.unused else None
        if isinstance(make, BlockModule):
            yield id, make


def _uses(found: Mapping[str, NodeResult], classes: Classes) -> dict[str, tuple[str, ...]]:
    return {id: classes.of(assembly) for id, assembly in _assemblies(found)}


class _Text:
    """The lines of a file, class after class."""

    def __init__(self, imports: Iterable[str], brought: Iterable[str] = ()) -> None:
        self._lines = [*imports]
        for text in brought:
            self._lines += ["", "", *module_text.parse(text).body.splitlines()]

    def add(
        self, name: str, doc: str, body: Body, inputs: Iterable[str], head: str = "def __init__(self):"
    ) -> tuple[Lines, Mapping[int, str]]:
        """Write a class whose `__init__` has that head. Gives the lines of each node, and the node of each
        line.
        """
        self._lines += ["", "", f"class {name}(nn.Module):", f'    """{doc}"""', ""]
        self._lines += [*wrapped(f"    {head}"), "        super().__init__()"]
        parts: list[Part] = [*body.made, ("", ())]
        parts += [(f"    def forward({body.arguments}):", tuple(inputs)), *body.called]
        for more in (body.held, body.penalties):
            if more:
                parts += [("", ()), *more]
        lines: dict[str, tuple[int, ...]] = {}
        owners: dict[int, str] = {}
        texts = self._lines
        for text, nodes in parts:
            for piece in wrapped(text) if len(text) > WIDTH and nodes else (text,):
                texts.append(piece)
                if nodes:
                    owners[len(texts)] = nodes[0]
                    for node in nodes:
                        lines[node] = (*lines.get(node, ()), len(texts))
        return lines, owners

    def whole(self) -> str:
        """The text of the file."""
        return "\n".join(self._lines) + "\n"


def _imports(bodies: Iterable[Body], brought: Iterable[str]) -> list[str]:
    """The imports that the code needs. Comments and texts do not count."""
    foreigners = [module_text.parse(text) for text in brought]
    parts = [part for body in bodies for part in (*body.made, *body.called)]
    lines = [text for text, _ in parts if "torch." in text or "F." in text]
    lines += [line for one in foreigners for line in one.body.splitlines()]
    code = [_TEXTS.sub("", line) for line in lines]
    found = ["from torch import nn"]
    if any(map(_TORCH.search, code)):
        found.insert(0, "import torch")
    if any(map(_FUNCTIONAL.search, code)):
        found.append("from torch.nn import functional as F")
    return [*sorted({line for one in foreigners for line in one.imports}), *found]


_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"|#.*')
_TORCH = re.compile(r"\btorch\.")
_FUNCTIONAL = re.compile(r"\bF\.")
