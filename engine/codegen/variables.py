"""Which variables the values of a network have in `forward`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.analysis.results import NodeResult
from engine.kinds import BlockEnd
from engine.kinds.identifiers import RESERVED, Names, identifier
from engine.layers.ends import Input
from engine.project.graph import Graph, Node

Value = tuple[str, str]  # a node's id and the name of one of its outputs


_STARTS = (Input, BlockEnd)


class Variables:
    """The variables of `forward`: `x` along a chain, the layer's name where a value waits for a later use."""

    def __init__(
        self,
        graph: Graph,
        order: list[Node],
        inputs: Sequence[Node],
        attributes: Mapping[str, str],
        found: Mapping[str, NodeResult],
        taken: Iterable[str] = (),
    ) -> None:
        self.graph = graph
        self._carried: dict[Value, Value] = {}  # what a muted node passes on is the value of another
        running = [node for node in order if not node.skipped]
        last = self._last_uses(order, {node.id: i for i, node in enumerate(running)})
        names = Names({"x", "_", *RESERVED, *taken})
        given: dict[Value, str] = {}
        free_from = 0  # what `x` holds is read for the last time there
        # several results are told apart by their names
        end = len(running) + (sum(len(node.kind.ports()) for node in running if not node.kind.outputs) < 2)
        one_input = len(inputs) == 1
        for i, node in enumerate(running):
            single = one_input or not isinstance(node.kind, _STARTS)
            for output in node.kind.outputs:
                value = (node.id, output)
                uses, use = last.get(value, (0, i + 1))
                if not uses and len(node.kind.outputs) > 1:
                    continue
                free = free_from < i or (free_from == i and _reads_first(found[node.id], output))
                if single and uses <= 1 and use - i <= 2 and use < end and free:
                    given[value] = "x"
                    free_from = use
                else:
                    wanted = attributes.get(node.id) or identifier(node.name, node.kind.stem)
                    given[value] = names.give("x0" if wanted == "x" else wanted)
        self.names = given
        self.taken = RESERVED.union(taken, given.values())

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
        """The ports of a node and the variables that arrive there, wire by wire. A muted layer that has no
        wire itself passes on nothing.
        """
        found = []
        for wire in self.graph.incoming(id):
            value = (wire.source, wire.output)
            name = self.names.get(self._carried.get(value, value))
            if name is not None:
                found.append((wire.input, name))
        return found


def _reads_first(found: NodeResult, output: str) -> bool:
    """Whether a layer has read all that arrives before that output of it is there."""
    code = found.facts.code
    if code is None or len(code.lines) == 1:
        return True
    return code.reads_before(output, [port.name for port in found.node.kind.ports()])
