"""Which variables the values of a network have in `forward`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.analysis.results import NodeResult
from engine.kinds import BlockEnd
from engine.kinds.identifiers import RESERVED, Names, identifier
from engine.layers.input_output import Input
from engine.project.graph import Graph, Node

NodeOutput = tuple[str, str]
"""A node's id and the name of one of its outputs: what a value is known by before it has a variable."""
_STARTS = (Input, BlockEnd)


class Variables:
    """The variables of `forward`: `x` along a chain, the layer's name where a value waits for a later use."""

    def __init__(
        self,
        graph: Graph,
        order: list[Node],
        inputs: Sequence[Node],
        attributes: Mapping[str, str],
        results: Mapping[str, NodeResult],
        taken: Iterable[str] = (),
    ) -> None:
        self.graph = graph
        self._passed_on: dict[
            NodeOutput, NodeOutput
        ] = {}  # what a muted node puts out is the value of another
        running = [node for node in order if not node.skipped]
        last_uses = self._last_uses(order, {node.id: i for i, node in enumerate(running)})
        names = Names({"x", "_", *RESERVED, *taken})
        given: dict[NodeOutput, str] = {}
        free_from = 0  # the place of the last node that reads what `x` holds
        # A chain may run into the return under the name of `x`, unless there are several results: those are
        # told apart by their names.
        end = len(running) + (sum(len(node.kind.ports()) for node in running if not node.kind.outputs) < 2)
        one_input = len(inputs) == 1
        for i, node in enumerate(running):
            # Several arguments are told apart by their names as well.
            may_be_x = one_input or not isinstance(node.kind, _STARTS)
            for output in node.kind.outputs:
                value = (node.id, output)
                uses, last = last_uses.get(value, (0, i + 1))
                if not uses and len(node.kind.outputs) > 1:
                    continue  # one of several results that nobody reads is `_`
                # `x` is free once it was read for the last time: before this line, or in it before this value
                # is there.
                free = free_from < i or (free_from == i and _reads_first(results[node.id], output))
                # A value is `x` where the next line or the one after reads it, and no other does.
                if may_be_x and uses <= 1 and last - i <= 2 and last < end and free:
                    given[value] = "x"
                    free_from = last
                else:
                    wanted = attributes.get(node.id) or identifier(node.name, node.kind.stem)
                    given[value] = names.give("x0" if wanted == "x" else wanted)
        self.names = given
        self.taken = RESERVED.union(taken, given.values())

    def _last_uses(self, order: list[Node], places: Mapping[str, int]) -> dict[NodeOutput, tuple[int, int]]:
        """How often each value is used, and the place of the last node that does. Outputs use theirs at the
        end.
        """
        uses: dict[NodeOutput, tuple[int, int]] = {}
        for node in order:
            if node.skipped:
                passed = self.graph.passed(node.id)
                if passed is not None:
                    value = (passed.source, passed.output)
                    value = self._passed_on.get(value, value)
                    for output in node.kind.outputs:
                        self._passed_on[node.id, output] = value
                continue
            place = places[node.id] if node.kind.outputs else len(places)
            for wire in self.graph.incoming(node.id):
                value = (wire.source, wire.output)
                value = self._passed_on.get(value, value)
                number, last = uses.get(value, (0, 0))
                uses[value] = (number + 1, max(last, place))
        return uses

    def arriving(self, id: str) -> list[tuple[str, str]]:
        """The ports of a node and the variables that arrive there, wire by wire. A muted layer that has no
        wire itself passes on nothing.
        """
        arriving = []
        for wire in self.graph.incoming(id):
            value = (wire.source, wire.output)
            name = self.names.get(self._passed_on.get(value, value))
            if name is not None:
                arriving.append((wire.input, name))
        return arriving


def _reads_first(result: NodeResult, output: str) -> bool:
    """Whether a layer has read all that arrives before that output of it is there."""
    code = result.facts.code
    if code is None or len(code.lines) == 1:
        return True
    return code.reads_before(output, [port.name for port in result.node.kind.ports()])
