"""From a graph to the PyTorch source that a good engineer would have written by hand. This very source is
what trains.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache

from attrs import frozen

from engine.calls import Code
from engine.check import Analysis, Facts, check
from engine.graph import Graph, Node, Project
from engine.layers.ends import Input, Output
from engine.wrap import WIDTH, wrapped

Value = tuple[str, str]  # a node's id and the name of one of its outputs


@frozen
class Source:
    """The code of a network: its text, the name of its class, and which lines (from 1) belong to which node.

    `names` gives each node's attribute in the module, for the nodes that have one; `owners` the node that a
    line computes. `inputs` and `outputs` are the ids of the Input and Output nodes in the order of
    `forward`'s arguments and results. `complete` is false where the network is broken or unfinished, so that
    the code ends early.
    """

    text: str
    class_name: str
    lines: Mapping[str, tuple[int, ...]]
    names: Mapping[str, str]
    owners: Mapping[int, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    complete: bool


Part = tuple[
    str, tuple[str, ...]
]  # a line of code and the nodes it stands for, the one that it computes first


class _Names:
    """Gives out identifiers, each once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def give(self, wanted: str) -> str:
        name = _free(wanted, self._taken)
        self._taken.add(name)
        return name


def _free(wanted: str, taken: Container[str]) -> str:
    name, i = wanted, 2
    while name in taken:
        name, i = f"{wanted}_{i}", i + 1
    return name


def emit(project: Project, analysis: Analysis | None = None) -> Source:
    """The source of a project's network: one class, importable with torch alone. A broken network gives what
    is known.
    """
    analysis = analysis if analysis is not None and analysis.project is project else check(project)
    graph = project.graph
    wanted = graph.alive
    order = [graph.nodes[id] for id in graph.order if id in wanted]
    inputs = [node for node in graph.inputs if node.id in wanted]
    attributes = _attributes(order, analysis)
    values = _Values(graph, order, inputs, attributes)
    made, called, complete = _body(graph, order, analysis, attributes, values)
    class_name = class_identifier(graph.name)
    arguments = ", ".join(["self", *(values.names[node.id, "out"] for node in inputs)])
    head = [
        *_imports([*made, *called]),
        "",
        "",
        f"class {class_name}(nn.Module):",
        f'    """{_plain(graph.name)[:70]}. {analysis.parameters:,} parameters."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
    ]
    parts: list[Part] = [(text, ()) for text in head]
    parts += [
        *made,
        ("", ()),
        (f"    def forward({arguments}):", tuple([node.id for node in inputs])),
        *called,
    ]
    outputs = tuple([node.id for node in order if isinstance(node.kind, Output)])
    complete = complete and bool(inputs) and bool(outputs)
    return _numbered(parts, class_name, attributes, tuple([node.id for node in inputs]), outputs, complete)


def _numbered(
    parts: Iterable[Part],
    class_name: str,
    names: Mapping[str, str],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    complete: bool,
) -> Source:
    texts: list[str] = []
    lines: dict[str, tuple[int, ...]] = {}
    owners: dict[int, str] = {}
    for text, nodes in parts:
        first = len(texts) + 1
        if len(text) > WIDTH and nodes:
            texts += wrapped(text)
        else:
            texts.append(text)
        if nodes:
            for number in range(first, len(texts) + 1):
                owners[number] = nodes[0]
                for node in nodes:
                    lines[node] = (*lines.get(node, ()), number)
    text = "\n".join(texts) + "\n"
    return Source(text, class_name, lines, names, owners, inputs, outputs, complete)


# --------------------------------------------------------------------------- layers


def _body(
    graph: Graph, order: list[Node], analysis: Analysis, attributes: Mapping[str, str], values: _Values
) -> tuple[list[Part], list[Part], bool]:
    """The lines that make the modules, those of `forward`, and whether these reach every Output."""
    made: list[Part] = []
    called: list[Part] = []
    results: list[tuple[str, str]] = []
    complete = True
    for node in order:
        id = node.id
        facts = analysis.found[id].facts
        if isinstance(node.kind, Output):
            if facts.inputs.get("x"):
                results.append((id, values.arriving(id)[0][1]))
            complete &= facts.known
        elif node.skipped or isinstance(node.kind, Input):
            complete &= facts.known
        elif facts.code is None:
            complete = False
            for problem in analysis.of(id)[:1]:
                called.append((f"        # {_plain(f'{node.name}: {problem.message}')}"[:WIDTH], (id,)))
        else:
            of_node = (id,)
            if facts.code.make is not None:
                made.append((f"        self.{attributes[id]} = {facts.code.make.source()}", of_node))
            for text in _call(node, facts, facts.code, attributes[id], values):
                called.append((text, of_node))
    if not results:
        called.append(("        return None  # the network is not finished", ()))
        return made, called, False
    return made, _returned(called, results), complete


def _call(node: Node, facts: Facts, code: Code, attribute: str, values: _Values) -> list[str]:
    """One layer's lines, with the names of its values filled in and what comes out as a comment."""
    kind = node.kind
    given = _Filling(values.taken, m=f"self.{attribute}")
    for output in kind.outputs:
        given[output] = values.names.get((node.id, output), "_")
    wired = values.arriving(node.id)
    ports = kind.ports()
    if len(wired) == len(ports) == 1 and not ports[0].many:
        given[ports[0].name] = wired[0][1]
    else:
        for port in ports:
            names = [name for input, name in wired if input == port.name]
            given[port.name] = names if port.many else names[0] if names else "None"
    texts = [f"        {line.format_map(given)}" for line in code.lines]
    comment = _comment(facts)
    if comment and len(texts[-1]) + len(comment) <= WIDTH:
        texts[-1] += comment
    return texts


def _comment(facts: Facts) -> str:
    """The shape that comes out, where it is another one than arrives."""
    shape = next(iter(facts.outputs.values()))
    for arrived in facts.inputs.values():
        if arrived:
            return "" if arrived[0] is shape or arrived[0] == shape else f"  # {shape}"
    return f"  # {shape}"


class _Filling(dict[str, object]):
    """What stands in place of the placeholders. Those that nobody gave are variables of the layer's own."""

    def __init__(self, taken: Container[str], **given: object) -> None:
        super().__init__(given)
        self._taken = taken

    def __missing__(self, key: str) -> str:
        self[key] = name = _free(key, self._taken)
        return name


def _returned(parts: list[Part], results: list[tuple[str, str]]) -> list[Part]:
    """End with `return`, on the last line itself where that line computes the only result."""
    names = ", ".join(name for _, name in results)
    ends = tuple([id for id, _ in results])
    if len(results) == 1 and parts:
        text, nodes = parts[-1]
        head = f"        {names} = "
        if text.startswith(head):
            return [*parts[:-1], ("        return " + text[len(head) :], (*nodes, *ends))]
    return [*parts, (f"        return {names}", ends)]


# --------------------------------------------------------------------------- names


def _attributes(order: list[Node], analysis: Analysis) -> dict[str, str]:
    """A name in the module for every node with code, after the node's own name."""
    names = _Names(_RESERVED | _module_names())
    return {
        node.id: names.give(identifier(node.name, node.kind.stem))
        for node in order
        if analysis.found[node.id].facts.code is not None
    }


class _Values:
    """The variables of `forward`: `x` along a chain, the layer's name where a value waits for a later use."""

    def __init__(
        self, graph: Graph, order: list[Node], inputs: list[Node], attributes: Mapping[str, str]
    ) -> None:
        self.graph = graph
        self._carried: dict[Value, Value] = {}  # what a muted node passes on is the value of another
        running = [node for node in order if not node.skipped]
        last = self._last_uses(order, {node.id: i for i, node in enumerate(running)})
        names = _Names({"x", "_", *_RESERVED})
        found: dict[Value, str] = {}
        free_from = 0  # from here on `x` holds nothing that is still needed
        # several results are told apart by their names
        end = len(running) + (sum(not node.kind.outputs for node in running) < 2)
        for i, node in enumerate(running):
            single = not isinstance(node.kind, Input) or len(inputs) == 1
            for output in node.kind.outputs:
                value = (node.id, output)
                uses, use = last.get(value, (0, i + 1))
                if not uses and len(node.kind.outputs) > 1:
                    continue
                if single and uses <= 1 and use - i <= 2 and use < end and free_from <= i:
                    found[value] = "x"
                    free_from = use
                else:
                    found[value] = names.give(
                        attributes.get(node.id) or identifier(node.name, node.kind.stem)
                    )
        self.names = found
        self.taken = _RESERVED.union(found.values())

    def _last_uses(self, order: list[Node], places: Mapping[str, int]) -> dict[Value, tuple[int, int]]:
        """How often each value is used, and the place of the last node that does. Outputs use theirs at the
        end.
        """
        found: dict[Value, tuple[int, int]] = {}
        for node in order:
            if node.skipped:
                passed = self.graph.passed(node.id)
                if passed is not None:
                    value = (passed.source, passed.output)
                    value = self._carried.get(value, value)
                    for output in node.kind.outputs:
                        self._carried[node.id, output] = value
                continue
            place = places[node.id] if node.kind.outputs else len(places)
            for wire in self.graph.incoming(node.id):
                value = (wire.source, wire.output)
                value = self._carried.get(value, value)
                uses, last = found.get(value, (0, 0))
                found[value] = (uses + 1, max(last, place))
        return found

    def arriving(self, id: str) -> list[tuple[str, str]]:
        """The ports of a node and the variables that arrive there, wire by wire."""
        found = []
        for wire in self.graph.incoming(id):
            value = (wire.source, wire.output)
            found.append((wire.input, self.names[self._carried.get(value, value)]))
        return found


@lru_cache(maxsize=20_000)
def identifier(name: str, fallback: str = "layer") -> str:
    """A Python identifier as close to the name as ASCII allows: `Größe 2` is `grosse_2` or the like."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.sub(r"\W+", "_", plain).strip("_").lower()[:40]
    if not words:
        words = fallback
    return f"{fallback}_{words}" if words[0].isdigit() else words


def class_identifier(name: str) -> str:
    """A class name: `Digits CNN` is `DigitsCNN`."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    joined = "".join(word[0].upper() + word[1:] for word in words)[:60]
    if not joined or joined[0].isdigit():
        joined = "Network" + joined
    return joined + "Network" if joined in _CLASS_RESERVED else joined


def _plain(text: str) -> str:
    """A text that can stand in a comment or a docstring and end neither."""
    return "".join(c for c in text if c.isprintable() and c not in '"\\')[:200]


_RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "torch", "nn", "F", "x"})
_CLASS_RESERVED = frozenset({*keyword.kwlist, *dir(builtins), "F"})


@lru_cache(maxsize=1)
def _module_names() -> frozenset[str]:
    """What every module already has, such as `train` and `half`, and what its state dict uses."""
    from torch import nn

    return frozenset(dir(nn.Module()))


def _imports(body: Iterable[Part]) -> list[str]:
    """The imports that the code needs. Comments and texts do not count."""
    lines = [text for text, _ in body if "torch." in text or "F." in text]
    code = [_TEXTS.sub("", line) for line in lines]
    found = ["from torch import nn"]
    if any(map(_TORCH.search, code)):
        found.insert(0, "import torch")
    if any(map(_FUNCTIONAL.search, code)):
        found.append("from torch.nn import functional as F")
    return found


_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"|#.*')
_TORCH = re.compile(r"\btorch\.")
_FUNCTIONAL = re.compile(r"\bF\.")
