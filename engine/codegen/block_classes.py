"""The classes that blocks need in the code: one for each block, with an argument for every value in which its
uses differ. Uses that differ in more have classes of their own.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from attrs import define, field, frozen

from engine.analysis.block_results import BlockModule, BlockResult
from engine.analysis.results import NodeResult
from engine.kinds.call_outline import Slot, filled, type_of
from engine.kinds.code import Name, literal
from engine.kinds.identifiers import RESERVED, Names, class_identifier, free, identifier
from engine.message import counted


@frozen(eq=False)
class Member:
    """One set of values that a class is made with: those in the calls of its layers, and for the blocks
    inside what each time through them is made with.
    """

    turn: BlockResult
    values: tuple[Any, ...]
    inner: tuple[tuple[Draft, Member], ...]


@frozen
class Argument:
    """An argument of a class: its name, its type, its values by member, and the default that may stay out."""

    name: str
    type: str
    values: tuple[Any, ...]
    default: tuple[Any, ...] = ()

    @property
    def declared(self) -> str:
        """How it stands in the head of `__init__`."""
        return f"{self.name}: {self.type}" + "".join(f" = {literal(value)}" for value in self.default)


@define(eq=False, slots=False)
class Draft:
    """A class to be written: its name, the inside it is written from, and all that it is made with. `varied`
    says whether other shapes reach it too, so that none of them can stand beside its lines.
    """

    name: str
    turn: BlockResult
    members: dict[object, Member] = field(factory=dict)
    parameters: set[int] = field(factory=set)
    varied: bool = False

    # What follows is asked for once every member is known.

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """An argument for every value that differs between members. Values that are always equal have one
        in common.
        """
        members = self._order
        found: dict[tuple[str, tuple[Any, ...]], list[tuple[str, Slot]]] = {}
        for id, slot, column in self._columns:
            if any(value != column[0] for value in column):
                found.setdefault((type_of(column[0]), column), []).append((id, slot))
        offered = {
            (type_of(values[0]), values): (name, default)
            for name, default in ((param.name, param.default) for param in self.turn.use.block.params)
            if (values := tuple([getattr(member.turn.use, name) for member in members]))
        }
        names = Names(RESERVED)
        arguments: list[Argument] = []
        for (type, column), places in found.items():
            name, default = offered.get((type, column), ("", None))
            if not name:
                id, slot = next((one for one in places if one[1].name.startswith(_SIZES)), places[0])
                name, default = slot.name, slot.default
                if name in {argument.name for argument in arguments}:
                    name = f"{identifier(self.turn.use.graph.nodes[id].name)}_{name}"
            usual = (default,) if any(type_of(v) == type_of(default) and v == default for v in column) else ()
            arguments.append(Argument(names.give(name), type, column, usual))
        offer = {param.name: place for place, param in enumerate(self.turn.use.block.params)}
        return tuple(sorted(arguments, key=lambda one: (*_rank(one), offer.get(one.name, len(offer)))))

    @cached_property
    def _order(self) -> tuple[Member, ...]:
        return tuple(self.members.values())

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(member): place for place, member in enumerate(self._order)}

    @cached_property
    def _columns(self) -> list[tuple[str, Slot, tuple[Any, ...]]]:
        """Each place of a value: the id of the node, what the value is there, and its values by member."""
        slots = self.turn.slots
        found = [
            (id, slot, tuple([member.values[place] for member in self._order]))
            for place, (id, slot) in enumerate(slots)
        ]
        for place, (inner, _) in enumerate(self._order[0].inner):
            given = [inner.given(member.inner[place][1]) for member in self._order]
            for number, argument in enumerate(inner.arguments):
                slot = Slot(argument.name, *argument.default)
                found.append((self._owners[place], slot, tuple([values[number] for values in given])))
        return found

    @cached_property
    def _owners(self) -> list[str]:
        """The node of each time through a block inside."""
        return [id for id, assembly in self.turn.block_modules for _ in assembly.repetitions]

    def given(self, member: Member) -> list[Any]:
        """What the class is made with for one member, in the order of the arguments."""
        place = self._places[id(member)]
        return [argument.values[place] for argument in self.arguments]

    @cached_property
    def filling(self) -> dict[str, list[Any]]:
        """What stands in the slots of each node: a value that is always the same, or an argument's name."""
        names = {(one.type, one.values): Name(one.name) for one in self.arguments}
        found: dict[str, list[Any]] = {}
        for id, _, column in self._columns:
            found.setdefault(id, []).append(names.get((type_of(column[0]), column), column[0]))
        return found

    @property
    def head(self) -> str:
        """The first line of its `__init__`."""
        return f"def __init__({', '.join(['self', *(one.declared for one in self.arguments)])}):"

    @property
    def size(self) -> str:
        """How many parameters it has: `8,192 parameters`, or from how many to how many."""
        least, most = min(self.parameters), max(self.parameters)
        return ("" if least == most else f"{least:,} to ") + counted(most, "parameter")


_SIZES = ("in_", "out_")


def _rank(argument: Argument) -> tuple[bool, int]:
    """What must be given comes first, and of that the sizes that come in and go out."""
    sizes = [place for place, start in enumerate(_SIZES) if argument.name.startswith(start)]
    return bool(argument.default), sizes[0] if sizes else len(_SIZES)


class Classes:
    """Finds every block below some nodes and names a class for each, inner ones first."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        # an exported file has these names for itself
        self._names = Names({*taken, "Path", "WEIGHTS"})
        self._drafts: dict[object, Draft] = {}
        self._seen: dict[int, tuple[Draft, Member]] = {}

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._drafts.values())

    def collect(self, found: Iterable[NodeResult]) -> None:
        """Take in the blocks that these nodes use, and those inside."""
        for one in found:
            if one.facts.code is not None and isinstance(one.facts.code.make, BlockModule):
                self.add(one.facts.code.make)

    def add(self, assembly: BlockModule) -> None:
        """Take in a block, and those inside."""
        for turn in assembly.repetitions:
            if id(turn) not in self._seen:
                self._seen[id(turn)] = self._taken_in(turn)

    def _taken_in(self, turn: BlockResult) -> tuple[Draft, Member]:
        for _, assembly in turn.block_modules:
            self.add(assembly)
        inner = tuple(
            [self._seen[id(one)] for _, assembly in turn.block_modules for one in assembly.repetitions]
        )
        key = (turn.use.block, turn.outline, tuple([id(draft) for draft, _ in inner]))
        draft = self._drafts.get(key)
        if draft is None:
            name = self._names.give(class_identifier(turn.use.block.name), "")
            draft = self._drafts[key] = Draft(name, turn)
        else:
            draft.varied = True
        draft.parameters.add(turn.parameters)
        made_with = (turn.values, tuple([id(member) for _, member in inner]))
        member = draft.members.setdefault(made_with, Member(turn, turn.values, inner))
        return draft, member

    def of(self, assembly: BlockModule) -> tuple[str, ...]:
        """The class of each time through a block."""
        return tuple([self._seen[id(turn)][0].name for turn in assembly.repetitions])

    def calls(self, assemblies: Iterable[tuple[str, BlockModule]]) -> dict[str, str]:
        """How the blocks of a network are made, by the ids of the nodes that use them."""
        return {id: self.call(assembly) for id, assembly in assemblies}

    def calls_inside(self, draft: Draft) -> dict[str, str]:
        """How the modules of a class are made, by the ids of the nodes: those of blocks, and those that take
        over an argument.
        """
        taken = {argument.name for argument in draft.arguments}
        found = {
            id: filled(call, draft.filling[id]).source()
            for id, call in draft.turn.calls
            if any(isinstance(value, Name) for value in draft.filling.get(id, ()))
        }
        for id, assembly in draft.turn.block_modules:
            found[id] = self._assembled(assembly, draft.filling.get(id, ()), taken)
        return found

    def call(self, assembly: BlockModule) -> str:
        """How the module of a block is made from its classes."""
        members = [self._seen[id(turn)] for turn in assembly.repetitions]
        return self._assembled(assembly, [value for draft, one in members for value in draft.given(one)], ())

    def _assembled(self, assembly: BlockModule, given: Iterable[Any], taken: Container[str]) -> str:
        use, values = assembly.use, iter(given)
        drafts = [self._seen[id(turn)][0] for turn in assembly.repetitions]
        times = [(draft, list(islice(values, len(draft.arguments)))) for draft in drafts]
        if use.repeat == 1:
            return _call(*times[0])
        parts = list(_runs(times, taken))
        if len(use.ports()) == len(use.outputs) == 1:
            return f"nn.Sequential({', '.join(parts)})"
        starred = len(parts) == 1 and parts[0].startswith("*")
        return f"nn.ModuleList({parts[0][1:] if starred else '[' + ', '.join(parts) + ']'})"


Time = tuple[Draft, list[Any]]
"""A class and what it is made with once."""


def _call(draft: Draft, given: Iterable[Any]) -> str:
    """The call of a class. Sizes that come in and go out are given by place, all else by name."""
    words: list[str] = []
    by_place = True
    for argument, value in zip(draft.arguments, given, strict=True):
        if (value,) == argument.default and not isinstance(value, Name):
            by_place = False
            continue
        by_place &= argument.name.startswith(_SIZES) or len(draft.arguments) == 1
        words.append(literal(value) if by_place else f"{argument.name}={literal(value)}")
    return f"{draft.name}({', '.join(words)})"


def _runs(times: list[Time], taken: Container[str]) -> Iterator[str]:
    """The calls one after the other. Equal ones, and those in which one number grows evenly, are a loop."""
    calls = [_call(*time) for time in times]
    place = 0
    while place < len(times):
        number = _equal(calls[place:])
        if number > 1:
            yield f"*[{calls[place]} for _ in range({number})]"
        elif (grown := _growing(times[place:])) is not None:
            number, argument = grown
            draft, given = times[place]
            first, step = given[argument], times[place + 1][1][argument] - given[argument]
            name = free(draft.arguments[argument].name, taken)
            every = [Name(name) if i == argument else value for i, value in enumerate(given)]
            sizes = f"{first}, {first + number * step}" + (f", {step}" if step != 1 else "")
            yield f"*[{_call(draft, every)} for {name} in range({sizes})]"
        else:
            yield calls[place]
        place += number


def _equal(calls: list[str]) -> int:
    """How many of the first calls are the same."""
    return next((i for i, call in enumerate(calls) if call != calls[0]), len(calls))


def _growing(times: list[Time]) -> tuple[int, int] | None:
    """How many of the first calls, three or more, differ in one number that grows or shrinks evenly; and
    the place of that argument.
    """
    if len(times) < 3 or times[0][0] is not times[1][0]:
        return None
    draft, (one, two) = times[0][0], (times[0][1], times[1][1])
    apart = [i for i, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    if len(apart) != 1 or any(type(given[apart[0]]) is not int for given in (one, two)):
        return None
    argument = apart[0]
    step = two[argument] - one[argument]
    number = 0
    for other, given in times:
        wanted = [value + number * step if i == argument else value for i, value in enumerate(one)]
        if other is not draft or given != wanted:
            break
        number += 1
    return (number, argument) if number >= 3 else None
