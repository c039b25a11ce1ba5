"""What is known of the inside of a block where it is used: the same check as for a whole network, for what
arrives there. Equal uses that equal shapes reach are looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from engine.analysis.measure import Arrival, Measured
from engine.kinds import on_change
from engine.kinds.call_outline import Slot, outlined
from engine.kinds.code import Call, Code
from engine.kinds.ports import Objection
from engine.kinds.shapes import Shape
from engine.message import Message
from engine.project.blocks import Use

if TYPE_CHECKING:
    from engine.analysis.results import Facts, Found, Problem

Given = tuple[tuple[str, Shape | None], ...]


@frozen(slots=False, eq=False)
class Turn:
    """One time through a block: what arrives at its Entries, by their ids, and what is known of every node
    inside.
    """

    use: Use
    given: Given
    alone: Mapping[str, Found]
    found: Mapping[str, Found]

    @cached_property
    def errors(self) -> tuple[Problem, ...]:
        """What is wrong inside, as the data flows."""
        order = self.use.graph.order
        return tuple(p for id in order for p in self.found[id].problems if p.level == "error")

    @cached_property
    def trained(self) -> tuple[Facts, ...]:
        """The facts of the nodes that an Exit depends on."""
        return tuple(one.facts for one in self.found.values() if not one.facts.left_out)

    @cached_property
    def parameters(self) -> int:
        """Numbers that training changes."""
        return sum(facts.parameters for facts in self.trained)

    @cached_property
    def outputs(self) -> tuple[Shape, ...]:
        """What arrives at the Exits. There are no errors."""
        return tuple(self.found[node.id].facts.inputs["x"][0] for node in self.use.block.exits)

    @cached_property
    def codes(self) -> tuple[tuple[str, Code | None, str], ...]:
        """Every node's code: what the class that is written for the block depends on, besides the graph."""
        return tuple(
            (id, found.facts.code, found.facts.shares)
            for id, found in self.found.items()
            if not found.facts.left_out
        )

    @cached_property
    def assemblies(self) -> tuple[tuple[str, Assembly], ...]:
        """The blocks inside, by the ids of the nodes that use them."""
        return tuple(
            [(id, code.make) for id, code, _ in self.codes if code and isinstance(code.make, Assembly)]
        )

    @cached_property
    def outline(self) -> tuple[object, ...]:
        """What two of one block have in common that come to the same code but for the values in their calls:
        all that is known here of the code, without what the blocks inside come to.
        """
        return tuple([self._outline(*each) for each in self.codes])

    @cached_property
    def slots(self) -> tuple[tuple[str, Slot], ...]:
        """Where those values stand: the node's id, and the place in its call."""
        return tuple([(id, slot) for id, call in self.calls for slot in outlined(call)[0].slots])

    @cached_property
    def values(self) -> tuple[Any, ...]:
        """Those values themselves."""
        return tuple([value for _, call in self.calls for value in outlined(call)[1]])

    @cached_property
    def calls(self) -> tuple[tuple[str, Call], ...]:
        """The calls that make its layers, by the ids of the nodes."""
        return tuple([(id, code.make) for id, code, _ in self.codes if code and isinstance(code.make, Call)])

    def _outline(self, id: str, code: Code | None, shares: str) -> tuple[object, ...]:
        if code is None:
            return (id, None)
        made = outlined(code.make)[0] if isinstance(code.make, Call) else len(getattr(code.make, "turns", ()))
        return (id, shares, code.lines, code.set_up, code.penalties, made)


@frozen
class Assembly:
    """How the module of a block is made: from classes that are written for it, one for each time through."""

    use: Use
    codes: tuple[Any, ...] = field(repr=False)  # two of the same code are equal, whatever their shapes
    turns: tuple[Turn, ...] = field(eq=False, repr=False)

    def source(self) -> str:
        """The call of the class, under the name that it has where nothing else is called so."""
        from engine.kinds.identifiers import class_identifier

        return f"{class_identifier(self.use.block.name)}()"

    def make(self) -> Any:
        """The module itself."""
        from engine.codegen.build import assemble

        return assemble(self)


def unfit(use: Use) -> Objection | None:
    """Why a block cannot be used as it is, whatever arrives."""
    if not use.outputs:
        return Objection("no-exit", Message("an Exit inside"), Message("Nothing comes out of the block."))
    if use.repeat > 1 and len(use.outputs) > len(use.ports()):
        return Objection(
            "cannot-repeat",
            Message("as many inputs as outputs"),
            Message("What comes out of a block goes into it again where it is repeated."),
            {"settings": (("repeat", 1),)},
        )
    return None


def turns(use: Use, arrivals: tuple[Arrival, ...]) -> tuple[Turn, ...]:
    """Each time through a block, up to the first with an error. What comes out goes in again; inputs beyond
    the outputs get the same every time.
    """
    return _turns(use, tuple(arrival if isinstance(arrival, Shape) else None for arrival in arrivals))


def turn(use: Use, arrivals: tuple[Arrival, ...], place: int = 0) -> Turn:
    """One time through a block, the last that is known where there are fewer."""
    if unfit(use) is not None or any(arrival is None for arrival in arrivals):
        use, place = use.once, 0
    found = turns(use, arrivals)
    return found[min(place, len(found) - 1)]


@lru_cache(maxsize=5000)
def _turns(use: Use, arrivals: tuple[Shape | None, ...]) -> tuple[Turn, ...]:
    ids = [node.id for node in use.block.entries]
    found: list[Turn] = []
    for _ in range(use.repeat):
        one = _look(use.once, tuple(zip(ids, arrivals, strict=True)))
        found.append(one)
        if one.errors or use.repeat == 1:
            break
        arrivals = (*one.outputs, *arrivals[len(one.outputs) :])
    return tuple(found)


on_change(_turns.cache_clear)


@lru_cache(maxsize=5000)
def _look(use: Use, given: Given) -> Turn:
    from engine.analysis.check import look
    from engine.analysis.shared_weights import settled
    from engine.analysis.sources import traced

    alone = look(use.graph, None, dict(given))
    return Turn(use, given, alone, traced(use.graph, settled(use.graph, alone)))


on_change(_look.cache_clear)


def measured(use: Use, arrivals: tuple[Arrival, ...]) -> Measured:
    """What a block makes of what arrives, as any layer is measured."""
    objection = unfit(use)
    if objection is not None:
        return Measured(objections=(objection,))
    found = turns(use, arrivals)
    if found[-1].errors:
        first = found[-1].errors[0]
        return Measured(objections=(Objection("inside", first.expected, first.why),))
    return Measured(
        found[-1].outputs,
        sum(turn.parameters for turn in found),
        sum(facts.macs for turn in found for facts in turn.trained),
        sum(facts.activation_bytes for turn in found for facts in turn.trained),
        Code(
            _lines(use),
            Assembly(use, tuple(turn.codes for turn in found), found),
            penalties=_penalties(use, found),
        ),
        frozen=sum(facts.frozen for turn in found for facts in turn.trained),
    )


def _penalties(use: Use, found: tuple[Turn, ...]) -> tuple[str, ...]:
    """What its layers add to the loss while training: the class that is written for the block sums it up."""
    if not any(code.penalties for turn in found for _, code, _ in turn.codes if code is not None):
        return ()
    return ("{m}.penalty()",) if use.repeat == 1 else ("sum(block.penalty() for block in {m})",)


def _lines(use: Use) -> tuple[str, ...]:
    """How a block is called: once, or in a loop where `nn.Sequential` does not do."""
    ports = [port.name for port in use.ports()]
    if use.repeat == 1 or len(ports) == len(use.outputs) == 1:
        return (f"{_braced(use.outputs)} = {{m}}({_braced(ports)})",)
    states = [f"{name}_" for name in ports[: len(use.outputs)]]
    arguments = _braced([*states, *ports[len(states) :]])
    return (
        f"{_braced(states)} = {_braced(ports[: len(states)])}",
        "for {block} in {m}:",
        f"    {_braced(states)} = {{block}}({arguments})",
        f"{_braced(use.outputs)} = {_braced(states)}",
    )


def _braced(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
