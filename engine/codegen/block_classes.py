"""The classes that blocks need in the code: one for each block, with an argument for every value in which its
uses differ. Uses that differ in more have classes of their own.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cached_property
from itertools import islice

from attrs import define, field, frozen

from engine.analysis.block_results import BlockModule, BlockResult
from engine.kinds.call_outline import Slot, filled, type_of
from engine.kinds.code import Name, literal
from engine.kinds.identifiers import RESERVED, Names, class_identifier, free, identifier
from engine.message import counted

Values = tuple[object, ...]
"""Values as they stand in calls: numbers, texts, tuples of such, or the names of arguments."""


@frozen(eq=False)
class Instance:
    """What an object of a class is made with: the values in the calls of its layers, and for the blocks
    inside the class of each repetition and what that is made with.
    """

    result: BlockResult
    values: Values
    inner: tuple[tuple[BlockClass, Instance], ...]


@frozen
class Argument:
    """An argument of a class: its name, its type, its values by instance, and the default that may stay
    out.
    """

    name: str
    type: str
    values: Values
    default: Values = ()

    @property
    def declared(self) -> str:
        """How it stands in the head of `__init__`."""
        return f"{self.name}: {self.type}" + "".join(f" = {literal(value)}" for value in self.default)


@define(eq=False, slots=False)
class BlockClass:
    """A class to be written: its name, the result it is written from, and all that it is made with. `varied`
    says whether other shapes reach it too, so that none of them can stand beside its lines.
    """

    name: str
    result: BlockResult
    instances: dict[object, Instance] = field(factory=dict)
    parameters: set[int] = field(factory=set)
    varied: bool = False

    # What follows is asked for once every instance is known.

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """An argument for every value that differs between instances. Values that are always equal have one
        in common.
        """
        # The slots whose values differ, together where no instance tells them apart.
        together: dict[tuple[str, Values], list[tuple[str, Slot]]] = {}
        for id, slot, values in self._columns:
            if any(value != values[0] for value in values):
                together.setdefault((type_of(values[0]), values), []).append((id, slot))
        # A setting that the block offers keeps the name that it is offered under.
        offered = {
            (type_of(values[0]), values): (param.name, param.default)
            for param in self.result.use.block.params
            if (values := tuple([getattr(one.result.use, param.name) for one in self._order]))
        }
        names = Names(RESERVED)
        arguments: list[Argument] = []
        for (type, values), slots in together.items():
            name, default = offered.get((type, values), ("", None))
            if not name:
                # Of the slots that take the value, a size gives the name that tells most.
                id, slot = next((one for one in slots if one[1].name.startswith(_SIZES)), slots[0])
                name, default = slot.name, slot.default
                if name in {argument.name for argument in arguments}:
                    name = f"{identifier(self.result.use.graph.nodes[id].name)}_{name}"
            # A default that nobody uses tells nothing; True equals 1, but is not meant by it.
            used = any(type_of(value) == type_of(default) and value == default for value in values)
            arguments.append(Argument(names.give(name), type, values, (default,) if used else ()))
        offer = {param.name: place for place, param in enumerate(self.result.use.block.params)}
        return tuple(sorted(arguments, key=lambda one: (*_rank(one), offer.get(one.name, len(offer)))))

    @cached_property
    def _order(self) -> tuple[Instance, ...]:
        return tuple(self.instances.values())

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(instance): place for place, instance in enumerate(self._order)}

    @cached_property
    def _columns(self) -> list[tuple[str, Slot, Values]]:
        """Each slot: the id of the node, what the value is there, and its values by instance."""
        columns = [
            (id, slot, tuple([instance.values[place] for instance in self._order]))
            for place, (id, slot) in enumerate(self.result.slots)
        ]
        # The arguments of the classes inside are slots as well: what fills them may differ here in turn.
        for place, (inner, _) in enumerate(self._order[0].inner):
            given = [inner.given(instance.inner[place][1]) for instance in self._order]
            for number, argument in enumerate(inner.arguments):
                slot = Slot(argument.name, *argument.default)
                columns.append((self._owners[place], slot, tuple([values[number] for values in given])))
        return columns

    @cached_property
    def _owners(self) -> list[str]:
        """The node of each repetition of a block inside."""
        return [id for id, block in self.result.block_modules for _ in block.repetitions]

    def given(self, instance: Instance) -> list[object]:
        """What the class is made with for one instance, in the order of the arguments."""
        place = self._places[id(instance)]
        return [argument.values[place] for argument in self.arguments]

    @cached_property
    def filling(self) -> dict[str, list[object]]:
        """What stands in the slots of each node: a value that is always the same, or an argument's name."""
        names = {(one.type, one.values): Name(one.name) for one in self.arguments}
        filling: dict[str, list[object]] = {}
        for id, _, values in self._columns:
            filling.setdefault(id, []).append(names.get((type_of(values[0]), values), values[0]))
        return filling

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


class BlockClasses:
    """Finds every block below some nodes and names a class for each, inner ones first."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        # an exported file has these names for itself
        self._names = Names({*taken, "Path", "WEIGHTS"})
        self._classes: dict[object, BlockClass] = {}
        self._seen: dict[int, tuple[BlockClass, Instance]] = {}  # by the id of the result, which is kept

    def __iter__(self) -> Iterator[BlockClass]:
        return iter(self._classes.values())

    def add(self, block: BlockModule) -> None:
        """Take in a block, and those inside."""
        for repetition in block.repetitions:
            if id(repetition) not in self._seen:
                self._seen[id(repetition)] = self._taken_in(repetition)

    def _taken_in(self, result: BlockResult) -> tuple[BlockClass, Instance]:
        for _, block in result.block_modules:
            self.add(block)
        inner = tuple([self._seen[id(one)] for _, block in result.block_modules for one in block.repetitions])
        # Results of one block share a class where they differ in the values of their calls alone, so that
        # arguments can make up for that: same outline, and the same classes for the blocks inside.
        key = (result.use.block, result.outline, tuple([id(inner_class) for inner_class, _ in inner]))
        block_class = self._classes.get(key)
        if block_class is None:
            name = self._names.give(class_identifier(result.use.block.name), "")
            block_class = self._classes[key] = BlockClass(name, result)
        else:
            block_class.varied = True
        block_class.parameters.add(result.parameters)
        made_with = (result.values, tuple([id(instance) for _, instance in inner]))
        instance = block_class.instances.setdefault(made_with, Instance(result, result.values, inner))
        return block_class, instance

    def uses(self, blocks: Iterable[tuple[str, BlockModule]]) -> dict[str, tuple[str, ...]]:
        """The name of the class of each repetition of these blocks, by the ids of the nodes."""
        return {
            id_: tuple([self._seen[id(repetition)][0].name for repetition in block.repetitions])
            for id_, block in blocks
        }

    def calls(self, blocks: Iterable[tuple[str, BlockModule]]) -> dict[str, str]:
        """How the blocks of a network are made, by the ids of the nodes that use them."""
        return {id: self.call(block) for id, block in blocks}

    def calls_inside(self, block_class: BlockClass) -> dict[str, str]:
        """How the modules of a class are made, by the ids of the nodes: those of blocks, and those that take
        over an argument.
        """
        taken = {argument.name for argument in block_class.arguments}
        filling = block_class.filling
        calls = {
            id: filled(call, filling[id]).source()
            for id, call in block_class.result.calls
            if any(isinstance(value, Name) for value in filling.get(id, ()))
        }
        for id, block in block_class.result.block_modules:
            calls[id] = self._assembled(block, filling.get(id, ()), taken)
        return calls

    def call(self, block: BlockModule) -> str:
        """How the module of a block is made from its classes."""
        seen = [self._seen[id(repetition)] for repetition in block.repetitions]
        return self._assembled(block, [value for one, instance in seen for value in one.given(instance)], ())

    def _assembled(self, block: BlockModule, given: Iterable[object], taken: Container[str]) -> str:
        """How the module of a block is made, with the arguments `given` for all repetitions one after the
        other: by one call, or from a module for each repetition.
        """
        use, values = block.use, iter(given)
        classes = [self._seen[id(repetition)][0] for repetition in block.repetitions]
        made = [(one, list(islice(values, len(one.arguments)))) for one in classes]
        if use.repeat == 1:
            return _call(*made[0])
        parts = list(_runs(made, taken))
        if len(use.ports()) == len(use.outputs) == 1:
            return f"nn.Sequential({', '.join(parts)})"
        starred = len(parts) == 1 and parts[0].startswith("*")
        return f"nn.ModuleList({parts[0][1:] if starred else '[' + ', '.join(parts) + ']'})"


Making = tuple[BlockClass, list[object]]
"""A class and what it is made with once."""


def _call(block_class: BlockClass, given: Iterable[object]) -> str:
    """The call of a class. Sizes that come in and go out are given by place, all else by name."""
    words: list[str] = []
    by_place = True
    for argument, value in zip(block_class.arguments, given, strict=True):
        if (value,) == argument.default and not isinstance(value, Name):
            by_place = False  # what follows one that stays out must be named
            continue
        by_place &= argument.name.startswith(_SIZES) or len(block_class.arguments) == 1
        words.append(literal(value) if by_place else f"{argument.name}={literal(value)}")
    return f"{block_class.name}({', '.join(words)})"


def _runs(made: list[Making], taken: Container[str]) -> Iterator[str]:
    """The calls one after the other. Equal ones, and those in which one number grows evenly, are a loop."""
    calls = [_call(*one) for one in made]
    place = 0
    while place < len(made):
        number = _equal(calls[place:])
        if number > 1:
            yield f"*[{calls[place]} for _ in range({number})]"
        elif (growth := _growing(made[place:])) is not None:
            number, argument, first, step = growth
            block_class, given = made[place]
            name = free(block_class.arguments[argument].name, taken)
            every = [Name(name) if i == argument else value for i, value in enumerate(given)]
            sizes = f"{first}, {first + number * step}" + (f", {step}" if step != 1 else "")
            yield f"*[{_call(block_class, every)} for {name} in range({sizes})]"
        else:
            yield calls[place]
        place += number


def _equal(calls: list[str]) -> int:
    """How many of the first calls are the same."""
    return next((i for i, call in enumerate(calls) if call != calls[0]), len(calls))


def _growing(made: list[Making]) -> tuple[int, int, int, int] | None:
    """How many of the first calls, three or more, differ in one number that grows or shrinks evenly; the
    place of that argument, its first value and by how much it grows.
    """
    if len(made) < 3 or made[0][0] is not made[1][0]:
        return None
    block_class, (one, two) = made[0][0], (made[0][1], made[1][1])
    apart = [i for i, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    if len(apart) != 1:
        return None
    argument = apart[0]
    first, second = one[argument], two[argument]
    if type(first) is not int or type(second) is not int:  # a bool is no size
        return None
    number, step = 0, second - first
    for other, given in made:
        wanted = [first + number * step if i == argument else value for i, value in enumerate(one)]
        if other is not block_class or given != wanted:
            break
        number += 1
    return (number, argument, first, step) if number >= 3 else None
