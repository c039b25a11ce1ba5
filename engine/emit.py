"""From a graph to the PyTorch source that a good engineer would have written by hand. This very source is
what trains.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from attrs import field, frozen

from engine.check import Analysis, check
from engine.graph import Graph, Node, Project
from engine.kinds import Code, Layer
from engine.layers.ends import Input, Output

WIDTH = 100  # a comment with a shape is left out where the line would be longer


@frozen
class Source:
    """The code of a network: its text, the name of its class, and which lines (from 1) belong to which node.

    `names` gives each node's attribute in the module, for the nodes that have one. `inputs` and `outputs` are
    the ids of the Input and Output nodes in the order of `forward`'s arguments and results. `complete` is
    false where the network is broken or unfinished, so that the code ends early.
    """

    text: str
    class_name: str
    lines: Mapping[str, tuple[int, ...]]
    names: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    complete: bool


class _Part(NamedTuple):
    """A line of code and the node it stands for."""

    text: str
    node: str = ""


@frozen
class _Names:
    """Gives out identifiers, each once."""

    taken: set[str] = field(factory=set)

    def give(self, wanted: str) -> str:
        name, i = wanted, 2
        while name in self.taken:
            name, i = f"{wanted}_{i}", i + 1
        self.taken.add(name)
        return name


def emit(project: Project, analysis: Analysis | None = None) -> Source:
    """The source of a project's network: one class, importable with torch alone. A broken network gives what
    is known.
    """
    analysis = analysis if analysis is not None and analysis.project is project else check(project)
    graph = project.graph
    wanted = graph.alive if graph.outputs else frozenset(graph.nodes)
    order = [graph.nodes[id] for id in graph.order if id in wanted]
    inputs = [node for node in graph.inputs if node.id in wanted]
    class_name = class_identifier(graph.name)
    attributes = _attributes(order, analysis)
    values = _values(graph, order, inputs, attributes)

    make = [
        _Part(f"        self.{attributes[node.id]} = {code.make.source()}", node.id)
        for node in order
        if (code := _code(node, analysis)) is not None and code.make is not None
    ]
    forward, complete = _forward(graph, order, analysis, attributes, values)
    arguments = ", ".join(["self", *(values[node.id, "out"] for node in inputs)])
    body = [
        _Part(f"class {class_name}(nn.Module):"),
        _Part(f'    """{_plain(graph.name)}. {analysis.parameters:,} parameters."""'),
        _Part(""),
        _Part("    def __init__(self):"),
        _Part("        super().__init__()"),
        *make,
        _Part(""),
        _Part(f"    def forward({arguments}):"),
        *forward,
    ]
    parts = [*_imports(body), _Part(""), _Part(""), *body]
    lines: dict[str, list[int]] = {}
    for number, part in enumerate(parts, start=1):
        if part.node:
            lines.setdefault(part.node, []).append(number)
    return Source(
        "\n".join(part.text for part in parts) + "\n",
        class_name,
        {id: tuple(numbers) for id, numbers in lines.items()},
        attributes,
        tuple(node.id for node in inputs),
        tuple(node.id for node in order if isinstance(node.kind, Output)),
        complete and bool(inputs) and bool(graph.outputs),
    )


# --------------------------------------------------------------------------- forward


def _forward(
    graph: Graph,
    order: list[Node],
    analysis: Analysis,
    attributes: Mapping[str, str],
    values: Mapping[tuple[str, str], str],
) -> tuple[list[_Part], bool]:
    """The lines of `forward`, and whether they reach every Output."""
    parts: list[_Part] = []
    results: list[tuple[Node, str]] = []
    complete = True
    taken = frozenset(values.values())
    for node in order:
        incoming = graph.incoming(node.id)
        if isinstance(node.kind, Output):
            if analysis.nodes[node.id].inputs.get("x"):
                results.append((node, values[incoming[0].source, incoming[0].output]))
            else:
                complete = False
            continue
        if isinstance(node.kind, Input):
            continue
        if node.muted:
            complete &= analysis.nodes[node.id].known
            continue
        code = _code(node, analysis)
        if code is None:
            complete = False
            for problem in analysis.of(node.id)[:1]:
                parts.append(_Part(f"        # {_plain(f'{node.name}: {problem.message}')}", node.id))
            continue
        parts += _call(graph, node, code, analysis, attributes, values, taken)
    if not results:
        parts.append(_Part("        return None  # the network is not finished"))
        return parts, False
    return _returned(parts, results), complete


def _call(
    graph: Graph,
    node: Node,
    code: Code,
    analysis: Analysis,
    attributes: Mapping[str, str],
    values: Mapping[tuple[str, str], str],
    taken: frozenset[str],
) -> list[_Part]:
    """One layer's lines, with the names of its values filled in."""
    incoming = graph.incoming(node.id)
    ports = node.kind.ports()
    wired: list[tuple[str, ...]] = []
    if len(ports) == len(incoming) == 1:
        wired.append((values[incoming[0].source, incoming[0].output],))
    else:
        for port in ports:
            wired.append(tuple(values[w.source, w.output] for w in incoming if w.input == port.name))
    results = tuple([values.get((node.id, output), "_") for output in node.kind.outputs])
    facts = analysis.nodes[node.id]
    shape = next(iter(facts.outputs.values()), None)
    arrived = next((shapes[0] for shapes in facts.inputs.values() if shapes), None)
    comment = f"{shape}" if shape is not None and shape is not arrived and shape != arrived else ""
    texts = _filled(node.kind, code.lines, attributes[node.id], tuple(wired), results, taken, comment)
    return [_Part(text, node.id) for text in texts]


@lru_cache(maxsize=20_000)
def _filled(
    kind: Layer,
    lines: tuple[str, ...],
    attribute: str,
    wired: tuple[tuple[str, ...], ...],
    results: tuple[str, ...],
    taken: frozenset[str],
    comment: str,
) -> tuple[str, ...]:
    """A layer's lines with names in place of the placeholders; further ones are variables of its own."""
    given: dict[str, object] = {"m": f"self.{attribute}", **dict(zip(kind.outputs, results, strict=True))}
    for port, names in zip(kind.ports(), wired, strict=True):
        given[port.name] = names if port.many else names[0] if names else "None"
    own = _Own(given, lambda key: f"{attribute}_{key}" if key in taken or key in _RESERVED else key)
    texts = [f"        {line.format_map(own)}" for line in lines]
    if comment and len(texts[-1]) + len(comment) + 4 <= WIDTH:
        texts[-1] += f"  # {comment}"
    return tuple(texts)


def _returned(parts: list[_Part], results: list[tuple[Node, str]]) -> list[_Part]:
    """End with `return`, on the last line itself where that line computes the only result."""
    names = ", ".join(name for _, name in results)
    if len(results) == 1 and parts:
        last = parts[-1]
        head = f"        {names} = "
        if last.text.startswith(head):
            return [*parts[:-1], _Part("        return " + last.text[len(head) :], last.node)]
    return [*parts, _Part(f"        return {names}", results[0][0].id)]


class _Own(dict[str, object]):
    """Placeholders that nobody gave a value are variables of the layer's own."""

    def __init__(self, names: Mapping[str, object], own: Callable[[str], str]) -> None:
        super().__init__(names)
        self._own = own

    def __missing__(self, key: str) -> str:
        return self._own(key)


def _code(node: Node, analysis: Analysis) -> Code | None:
    return None if node.muted else analysis.nodes[node.id].code


# --------------------------------------------------------------------------- names


def _attributes(order: list[Node], analysis: Analysis) -> dict[str, str]:
    """A name in the module for every node with code, after the node's own name."""
    names = _Names({*_RESERVED, *_module_names()})
    return {
        node.id: names.give(identifier(node.name, node.kind.stem))
        for node in order
        if _code(node, analysis) is not None
    }


def _values(
    graph: Graph, order: list[Node], inputs: list[Node], attributes: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """A variable for every value: `x` along a chain, the layer's name where a value waits for a later use."""
    place = {node.id: i for i, node in enumerate(order)}
    names = _Names({"x", "_", *_RESERVED})
    values: dict[tuple[str, str], str] = {}
    free_from = 0  # from here on `x` holds nothing that is still needed
    for i, node in enumerate(order):
        if node.muted:
            first = graph.incoming(node.id)
            if first and (first[0].source, first[0].output) in values:
                for output in node.kind.outputs:
                    values[node.id, output] = values[first[0].source, first[0].output]
            continue
        for output in node.kind.outputs:
            uses = [place[id] for id in _consumers(graph, node.id, output) if id in place]
            if not uses and len(node.kind.outputs) > 1:
                continue
            last = max(uses, default=i + 1)
            chain = len(uses) <= 1 and last - i <= 2 and free_from <= i
            if isinstance(node.kind, Input):
                chain = chain and len(inputs) == 1
            if chain:
                values[node.id, output] = "x"
                free_from = last
            else:
                wanted = attributes.get(node.id) or identifier(node.name, node.kind.stem)
                values[node.id, output] = names.give(wanted)
    return values


def _consumers(graph: Graph, id: str, output: str) -> list[str]:
    """The nodes that use a value, looking through muted ones."""
    found: list[str] = []
    for wire in graph.outgoing(id):
        if wire.output == output:
            target = graph.nodes[wire.target]
            if target.muted and target.kind.outputs:
                for name in target.kind.outputs:
                    found += _consumers(graph, target.id, name)
            else:
                found.append(target.id)
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


def _imports(body: Iterable[_Part]) -> list[_Part]:
    """The imports that the code needs. Comments do not count."""
    code = [part.text.partition("  # ")[0] for part in body if not part.text.lstrip().startswith("#")]
    parts = []
    if any(_TORCH.search(line) for line in code if "torch." in line):
        parts.append(_Part("import torch"))
    parts.append(_Part("from torch import nn"))
    if any(_FUNCTIONAL.search(line) for line in code if "F." in line):
        parts.append(_Part("from torch.nn import functional as F"))
    return parts


_TORCH = re.compile(r"\btorch\.")
_FUNCTIONAL = re.compile(r"\bF\.")
