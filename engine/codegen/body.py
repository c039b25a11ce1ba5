"""What stands in a class: the lines that make its modules, and those of `forward`."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from attrs import frozen

from engine.analysis.results import Facts, NodeResult
from engine.codegen.names import attribute_names, plain
from engine.codegen.variables import Variables
from engine.codegen.wrap import WIDTH
from engine.kinds import BlockEnd
from engine.kinds.code import Code
from engine.kinds.identifiers import free
from engine.layers.input_output import Input, Output
from engine.project.graph import Graph, Node

CodeLine = tuple[str, tuple[str, ...]]
"""A line of code and the ids of the nodes it stands for, the one that it computes first."""


@frozen
class ClassBody:
    """A class without its head: the lines that make the modules, the arguments of `forward` and its lines,
    those that add up what large weights cost, and those that keep frozen layers in evaluation mode.

    `names` gives each node's attribute; `complete` is false where `forward` does not reach every end.
    """

    modules: list[CodeLine]
    arguments: str
    forward: list[CodeLine]
    penalties: list[CodeLine]
    evaluated: list[CodeLine]
    names: Mapping[str, str]
    complete: bool


def write_body(
    graph: Graph,
    results: Mapping[str, NodeResult],
    order: list[Node],
    inputs: Sequence[Node],
    calls: Mapping[str, str],
    comments: bool = True,
) -> ClassBody:
    """The code of these nodes, which stand in order, with the arguments `inputs`. `calls` make the modules
    of blocks and of layers that an argument is handed to, by the ids of the nodes. `comments` say the shapes
    that come out.
    """
    attributes = attribute_names(order, results)
    variables = Variables(graph, order, inputs, attributes, results)
    writer = _BodyWriter(attributes, variables, calls, comments)
    for node in order:
        writer.add(node, results[node.id])
    return ClassBody(
        modules=[*writer.modules, *writer.tied],
        arguments=", ".join(["self", *(variables.names[node.id, "out"] for node in inputs)]),
        forward=_ended(writer.forward, _in_order(graph, writer.returned)),
        penalties=_penalty_method(writer.penalties),
        evaluated=_train_method(writer.evaluated),
        names=attributes,
        complete=writer.complete and bool(writer.returned),
    )


_ENDS = (Output, BlockEnd)
_STARTS = (Input, BlockEnd)


class _BodyWriter:
    """Takes in one node after the other and writes its lines, each into the method where it belongs."""

    def __init__(
        self, attributes: Mapping[str, str], variables: Variables, calls: Mapping[str, str], comments: bool
    ) -> None:
        self.modules: list[CodeLine] = []
        self.tied: list[CodeLine] = []  # after all modules: either of the two may be made first
        self.forward: list[CodeLine] = []
        self.penalties: list[CodeLine] = []
        self.evaluated: list[CodeLine] = []
        self.returned: list[tuple[str, str]] = []
        """The ends that are reached, by their ids, and the variables that they return."""
        self.complete = True
        self._attributes, self._variables = attributes, variables
        self._calls, self._comments = calls, comments

    def add(self, node: Node, result: NodeResult) -> None:
        """Write the lines of the next node."""
        kind, facts = node.kind, result.facts
        if not kind.outputs and isinstance(kind, _ENDS):
            self.complete &= facts.known
            if facts.inputs.get("x"):
                arrived = dict(self._variables.arriving(node.id))
                self.returned += [(node.id, arrived[p.name]) for p in kind.ports() if p.name in arrived]
        elif node.skipped or isinstance(kind, _STARTS):  # its value has a name, and no line makes it
            self.complete &= facts.known
        elif facts.code is None:
            self.complete = False
            for problem in result.problems[:1]:
                comment = f"        # {plain(f'{node.name}: {problem.message}')}"
                self.forward.append((comment[:WIDTH], (node.id,)))
        else:
            self._write_layer(node, facts, facts.code)

    def _write_layer(self, node: Node, facts: Facts, code: Code) -> None:
        name, of_node = self._attributes[node.id], (node.id,)
        owner = self._attributes.get(facts.shares) if facts.shares else None
        if code.make is not None and name != owner:
            call = self._calls.get(node.id) or code.make.source()
            self.modules.append((f"        self.{name} = {call}", of_node))
            if code.set_up or code.penalties:
                own = f"self.{name}"
                self.modules += [(f"        {line.replace('{m}', own)}", of_node) for line in code.set_up]
                self.penalties += [(term.replace("{m}", own), of_node) for term in code.penalties]
            if code.held:
                self.evaluated.append((f"        self.{name}.eval()", of_node))
            if owner is not None:  # of another kind, as an Embedding and a Linear: they share one weight
                self.tied.append((f"        self.{name}.weight = self.{owner}.weight", of_node))
        for text in self._called(node, facts, code, name):
            self.forward.append((text, of_node))

    def _called(self, node: Node, facts: Facts, code: Code, name: str) -> list[str]:
        """One layer's lines, with the names of its values filled in and what comes out as a comment."""
        variables = self._variables
        given: dict[str, object] = {"m": f"self.{name}"}
        for output in node.kind.outputs:
            given[output] = variables.names.get((node.id, output), "_")
        wired = variables.arriving(node.id)
        ports = node.kind.ports()
        if len(wired) == len(ports) == 1 and not ports[0].many:  # by far the most frequent
            given[ports[0].name] = wired[0][1]
        else:
            for port in ports:
                names = [name for input, name in wired if input == port.name]
                given[port.name] = names if port.many else names[0] if names else "None"
        try:
            texts = [f"        {line.format_map(given)}" for line in code.lines]
        except KeyError:  # variables of the layer's own
            filling = _Filling(given, variables.taken)
            texts = [f"        {line.format_map(filling)}" for line in code.lines]
        comment = _comment(facts) if self._comments else ""
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


def _in_order(graph: Graph, returned: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is returned: by a block in the order of its nodes, by a network as the data flows."""
    if not returned or not isinstance(graph.nodes[returned[0][0]].kind, BlockEnd):
        return returned
    places = {id: place for place, id in enumerate(graph.nodes)}
    return sorted(returned, key=lambda one: places[one[0]])


def _ended(lines: list[CodeLine], returned: list[tuple[str, str]]) -> list[CodeLine]:
    """End with `return`, on the last line itself where that line computes the only result."""
    if not returned:
        return [*lines, ("        return None  # the network is not finished", ())]
    names = ", ".join(name for _, name in returned)
    ends = tuple([id for id, _ in returned])
    if len(returned) == 1 and lines:
        text, nodes = lines[-1]
        head = f"        {names} = "
        if text.startswith(head):
            return [*lines[:-1], ("        return " + text[len(head) :], (*nodes, *ends))]
    return [*lines, (f"        return {names}", ends)]


def _penalty_method(terms: list[CodeLine]) -> list[CodeLine]:
    """The lines of `penalty`, where there is anything to add up."""
    if not terms:
        return []
    head: CodeLine = ("    def penalty(self):", ())
    if len(terms) == 1:
        (term, of_node), *_ = terms
        return [head, (f"        return {term}", of_node)]
    (first, of_first), *rest = terms
    lines: list[CodeLine] = [head, ("        return (", ()), (f"            {first}", of_first)]
    return [*lines, *((f"            + {term}", of_node) for term, of_node in rest), ("        )", ())]


def _train_method(lines: list[CodeLine]) -> list[CodeLine]:
    """The lines of `train`, where a frozen layer must not follow."""
    if not lines:
        return []
    head: list[CodeLine] = [
        ("    def train(self, mode=True):", ()),
        ("        super().train(mode)", ()),
    ]
    return [*head, *lines, ("        return self", ())]
