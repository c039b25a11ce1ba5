"""From a graph to the PyTorch source that a good engineer would have written by hand. This very source is
what trains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from engine.analysis.block_results import BlockModule, BlockResult
from engine.analysis.check import check
from engine.analysis.results import Analysis, NodeResult
from engine.codegen import custom_modules
from engine.codegen.block_classes import BlockClass, BlockClasses
from engine.codegen.body import ClassBody, CodeLine, write_body
from engine.codegen.names import plain
from engine.codegen.source import BlockSource, Lines, SourceCode
from engine.codegen.wrap import WIDTH, wrapped
from engine.kinds.identifiers import class_identifier, free
from engine.layers.input_output import Output
from engine.message import counted
from engine.plugins import module_text
from engine.project.project import Project


def emit(project: Project, analysis: Analysis | None = None) -> SourceCode:
    """The source of a project's network: one class, and one for each block, importable with torch alone. A
    broken network gives what is known.
    """
    analysis = analysis if analysis is not None and analysis.project is project else check(project)
    graph = project.graph
    order = [graph.nodes[id] for id in graph.order if id in graph.alive]
    inputs = [node for node in graph.inputs if node.id in graph.alive]
    # Names first: no class of a block may be called as the network's, none of both as what plug-ins bring.
    custom = custom_modules.texts(analysis.results[node.id] for node in order)
    class_name = free(class_identifier(graph.name), module_text.names(custom), "")
    classes = BlockClasses([class_name, *module_text.names(custom)])
    block_modules = list(_block_modules(analysis.results))
    for _, block in block_modules:
        classes.add(block)
    # Then the bodies: what is imported, and so the number of every line, depends on all of them.
    body = write_body(graph, analysis.results, order, inputs, classes.calls(block_modules))
    bodies = [(one, _body_of(one, classes)) for one in classes]
    file = _SourceFile(_imports([*(inner for _, inner in bodies), body], custom), custom)
    blocks: dict[str, BlockSource] = {}
    for one, inner in bodies:
        doc = f"{plain(one.result.use.block.name)[:70]}. {one.size}."
        entries = [node.id for node in one.result.use.block.entries]
        lines, _ = file.add(one.name, doc, inner, entries, one.head)
        blocks[one.name] = BlockSource(lines, inner.names, classes.uses(one.result.block_modules))
    doc = f"{plain(graph.name)[:70]}. {counted(analysis.parameters, 'parameter')}."
    lines, owners = file.add(class_name, doc, body, [node.id for node in inputs])
    ends = [node for node in order if isinstance(node.kind, Output)]
    outputs = tuple([node.id for node in ends for _ in graph.used_ports(node.id)])
    return SourceCode(
        file.text(),
        class_name,
        lines,
        body.names,
        owners,
        tuple([node.id for node in inputs]),
        outputs,
        body.complete and bool(inputs) and bool(outputs),
        classes.uses(block_modules),
        blocks,
    )


def emit_block(block: BlockModule) -> tuple[str, str]:
    """The classes of one block by themselves, and the expression that makes its module from them."""
    every = (result for repetition in block.repetitions for result in repetition.results.values())
    custom = custom_modules.texts(every)
    classes = BlockClasses(module_text.names(custom))
    classes.add(block)
    bodies = [(one, _body_of(one, classes)) for one in classes]
    file = _SourceFile(["import torch", *_imports([inner for _, inner in bodies], custom)], custom)
    for one, inner in bodies:
        file.add(one.name, plain(one.result.use.block.name)[:70], inner, [], one.head)
    return file.text(), classes.call(block)


def _body_of(block_class: BlockClass, classes: BlockClasses) -> ClassBody:
    calls = tuple(classes.calls_inside(block_class).items())
    return _block_body(block_class.result, not block_class.varied, calls)


@lru_cache(maxsize=2000)
def _block_body(result: BlockResult, comments: bool, calls: tuple[tuple[str, str], ...]) -> ClassBody:
    """The body of a block's class, kept as long as what is known of the inside is."""
    graph, entries = result.use.graph, result.use.block.entries
    # An Entry that leads nowhere is an argument all the same.
    idle = [node for node in entries if node.id not in graph.alive]
    order = [*idle, *(graph.nodes[id] for id in graph.order if id in graph.alive)]
    return write_body(graph, result.results, order, entries, dict(calls), comments)


def _block_modules(results: Mapping[str, NodeResult]) -> Iterator[tuple[str, BlockModule]]:
    """The modules of the blocks that these nodes use, by their ids."""
    for id, result in results.items():
        code = result.facts.code
        if code is not None and isinstance(code.make, BlockModule) and not result.facts.unused:
            yield id, code.make


class _SourceFile:
    """The lines of a file, class after class."""

    def __init__(self, imports: Iterable[str], custom: Iterable[str]) -> None:
        self._lines = [*imports]
        for text in custom:
            self._lines += ["", "", *module_text.parse(text).body.splitlines()]

    def add(
        self, name: str, doc: str, body: ClassBody, inputs: Iterable[str], head: str = "def __init__(self):"
    ) -> tuple[Lines, Mapping[int, str]]:
        """Write a class whose `__init__` has that head. Gives the lines of each node, and the node of each
        line.
        """
        self._lines += ["", "", f"class {name}(nn.Module):", f'    """{doc}"""', ""]
        self._lines += [*wrapped(f"    {head}"), "        super().__init__()"]
        parts: list[CodeLine] = [*body.modules, ("", ())]
        parts += [(f"    def forward({body.arguments}):", tuple(inputs)), *body.forward]
        for method in (body.evaluated, body.penalties):
            if method:
                parts += [("", ()), *method]
        lines: dict[str, tuple[int, ...]] = {}
        owners: dict[int, str] = {}
        number = len(self._lines)
        for text, nodes in parts:
            for piece in wrapped(text) if len(text) > WIDTH and nodes else (text,):
                self._lines.append(piece)
                number += 1
                if nodes:
                    owners[number] = nodes[0]
                    for node in nodes:
                        lines[node] = (*lines.get(node, ()), number)
        return lines, owners

    def text(self) -> str:
        """The text of the file."""
        return "\n".join(self._lines) + "\n"


def _imports(bodies: Iterable[ClassBody], custom: Iterable[str]) -> list[str]:
    """The imports that the code needs. Comments and texts do not count."""
    modules = [module_text.parse(text) for text in custom]
    parts = [part for body in bodies for part in (body.modules, body.forward)]
    # few lines have either, so only those are searched
    lines = [text for part in parts for text, _ in part if "torch." in text or "F." in text]
    lines += [line for one in modules for line in one.body.splitlines()]
    code = [_TEXTS.sub("", line) for line in lines]
    imports = ["from torch import nn"]
    if any(map(_TORCH.search, code)):
        imports.insert(0, "import torch")
    if any(map(_FUNCTIONAL.search, code)):
        imports.append("from torch.nn import functional as F")
    return [*sorted({line for one in modules for line in one.imports}), *imports]


_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"|#.*')
_TORCH = re.compile(r"\btorch\.")
_FUNCTIONAL = re.compile(r"\bF\.")
