"""What stands in a class: the lines that make its modules, and those of `forward`."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

from attrs import frozen

from engine.analysis.results import Facts, NodeResult
from engine.codegen.variables import Variables
from engine.codegen.wrap import WIDTH
from engine.kinds import BlockEnd
from engine.kinds.code import Code
from engine.kinds.identifiers import RESERVED, Names, free, identifier
from engine.layers.ends import Input, Output
from engine.project.graph import Graph, Node

Part = tuple[str, tuple[str, ...]]
"""A line of code and the nodes it stands for, the one that it computes first."""


@frozen
class Body:
    """A class without its head: the lines that make the modules, the arguments of `forward` and its lines,
    those that add up what large weights cost, and those that keep frozen layers in evaluation mode.

    `names` gives each node's attribute; `complete` is false where `forward` does not reach every end.
    """

    made: list[Part]
    arguments: str
    called: list[Part]
    penalties: list[Part]
    held: list[Part]
    names: Mapping[str, str]
    complete: bool


def written(
    graph: Graph,
    found: Mapping[str, NodeResult],
    order: list[Node],
    inputs: Sequence[Node],
    calls: Mapping[str, str],
    comments: bool = True,
) -> Body:
    """The code of these nodes, which stand in order, with the arguments `inputs`. `calls` make the modules
    of blocks and of layers that an argument is handed to, by the ids of the nodes.
    """
    attributes = attribute_names(order, found)
    values = Variables(graph, order, inputs, attributes, found)
    made: list[Part] = []
    tied: list[Part] = []
    called: list[Part] = []
    penalties: list[Part] = []
    held: list[Part] = []
    results: list[tuple[str, str]] = []
    complete = True
    for node in order:
        id = node.id
        facts = found[id].facts
        kind = node.kind
        if not kind.outputs and isinstance(kind, _ENDS):
            if facts.inputs.get("x"):
                arrived = dict(values.arriving(id))
                results += [(id, arrived[port.name]) for port in kind.ports() if port.name in arrived]
            complete &= facts.known
        elif node.skipped or isinstance(kind, _STARTS):
            complete &= facts.known
        elif facts.code is None:
            complete = False
            for problem in found[id].problems[:1]:
                called.append((f"        # {plain(f'{node.name}: {problem.message}')}"[:WIDTH], (id,)))
        else:
            of_node = (id,)
            name = attributes[id]
            holder = attributes.get(facts.shares) if facts.shares else None
            if facts.code.make is not None and name != holder:
                made.append((f"        self.{name} = {calls.get(id) or facts.code.make.source()}", of_node))
                if facts.code.set_up or facts.code.penalties:
                    own = f"self.{name}"
                    made += [(f"        {line.replace('{m}', own)}", of_node) for line in facts.code.set_up]
                    penalties += [(term.replace("{m}", own), of_node) for term in facts.code.penalties]
                if facts.code.held:
                    held.append((f"        self.{name}.eval()", of_node))
                if holder is not None:
                    tied.append((f"        self.{name}.weight = self.{holder}.weight", of_node))
            for text in _call(node, facts, facts.code, name, values, comments):
                called.append((text, of_node))
    if results:
        places = {id: place for place, id in enumerate(graph.nodes)}
        if isinstance(
            graph.nodes[results[0][0]].kind, BlockEnd
        ):  # a block's outputs are in the order of its nodes
            results.sort(key=lambda result: places[result[0]])
        called = _returned(called, results)
    else:
        called.append(("        return None  # the network is not finished", ()))
    arguments = ", ".join(["self", *(values.names[node.id, "out"] for node in inputs)])
    return Body(
        [*made, *tied],
        arguments,
        called,
        _summed(penalties),
        _kept(held),
        attributes,
        complete and bool(results),
    )


_ENDS = (Output, BlockEnd)
_STARTS = (Input, BlockEnd)


def _summed(terms: list[Part]) -> list[Part]:
    """The lines of `penalty`, where there is anything to add up."""
    if not terms:
        return []
    head: Part = ("    def penalty(self):", ())
    if len(terms) == 1:
        (term, of_node), *_ = terms
        return [head, (f"        return {term}", of_node)]
    (first, of_first), *rest = terms
    parts: list[Part] = [head, ("        return (", ()), (f"            {first}", of_first)]
    return [*parts, *((f"            + {term}", of_node) for term, of_node in rest), ("        )", ())]


def _kept(lines: list[Part]) -> list[Part]:
    """The lines of `train`, where a frozen layer must not follow."""
    if not lines:
        return []
    head: list[Part] = [("    def train(self, mode=True):", ()), ("        super().train(mode)", ())]
    return [*head, *lines, ("        return self", ())]


def _call(
    node: Node, facts: Facts, code: Code, attribute: str, values: Variables, comments: bool
) -> list[str]:
    """One layer's lines, with the names of its values filled in and what comes out as a comment."""
    kind = node.kind
    given: dict[str, object] = {"m": f"self.{attribute}"}
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
    try:
        texts = [f"        {line.format_map(given)}" for line in code.lines]
    except KeyError:  # variables of the layer's own
        filling = _Filling(given, values.taken)
        texts = [f"        {line.format_map(filling)}" for line in code.lines]
    comment = _comment(facts) if comments else ""
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

    def __init__(self, given: Mapping[str, object], taken: Container[str]) -> None:
        super().__init__(given)
        self._taken = taken

    def __missing__(self, key: str) -> str:
        self[key] = name = free(key, self._taken)
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


def attribute_names(order: list[Node], found: Mapping[str, NodeResult]) -> dict[str, str]:
    """A name in the module for every node with code, after the node's own name. Nodes that share a layer have
    one name.
    """
    names = Names(RESERVED | _module_names() | {"penalty"})
    attributes = {
        node.id: names.give(identifier(node.name, node.kind.stem))
        for node in order
        if found[node.id].facts.code is not None
    }
    for node in order:
        holder = found[node.id].facts.shares
        if holder and type(found[holder].node.kind) is type(node.kind):
            attributes[node.id] = attributes[holder]
    return attributes


@lru_cache(maxsize=1)
def _module_names() -> frozenset[str]:
    """What every module already has, such as `train` and `half`, and what its state dict uses."""
    from torch import nn

    return frozenset(dir(nn.Module()))


def plain(text: str) -> str:
    """A text that can stand in a comment or a docstring and end neither."""
    return "".join(c for c in text if c.isprintable() and c not in '"\\')[:200]
