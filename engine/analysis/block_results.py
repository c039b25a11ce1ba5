"""What is known of the inside of a block where it is used, and the module that comes of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from attrs import field, frozen

from engine.analysis.results import Facts, NodeResult, Problem
from engine.kinds.call_outline import Slot, outlined
from engine.kinds.code import Call, Code
from engine.kinds.identifiers import class_identifier
from engine.kinds.shapes import Shape
from engine.project.blocks import Use

Given = tuple[tuple[str, Shape | None], ...]
"""What arrives at the Entries of a block, by their ids."""
NodeCode = tuple[str, Code | None, str]
"""A node's id, its code, and the node whose layer it uses too, empty where it has one of its own."""


@frozen(slots=False, eq=False)
class BlockResult:
    """What is known of every node inside a block for what is `given` at its Entries: one repetition.

    `unshared` are the results before shared weights were counted once.
    """

    use: Use
    given: Given
    unshared: Mapping[str, NodeResult]
    results: Mapping[str, NodeResult]

    @cached_property
    def errors(self) -> tuple[Problem, ...]:
        """What is wrong inside, as the data flows."""
        order = self.use.graph.order
        return tuple(p for id in order for p in self.results[id].problems if p.level == "error")

    @cached_property
    def trained(self) -> tuple[Facts, ...]:
        """The facts of the nodes that an Exit depends on."""
        return tuple(one.facts for one in self.results.values() if not one.facts.unused)

    @cached_property
    def parameters(self) -> int:
        """Numbers that training changes."""
        return sum(facts.parameters for facts in self.trained)

    @cached_property
    def outputs(self) -> tuple[Shape, ...]:
        """What arrives at the Exits. There are no errors."""
        return tuple(self.results[node.id].facts.inputs["x"][0] for node in self.use.block.exits)

    @cached_property
    def codes(self) -> tuple[NodeCode, ...]:
        """Every node's code: what the class that is written for the block depends on, besides the graph."""
        return tuple(
            (id, one.facts.code, one.facts.shares) for id, one in self.results.items() if not one.facts.unused
        )

    @cached_property
    def calls(self) -> tuple[tuple[str, Call], ...]:
        """The calls that make its layers, by the ids of the nodes."""
        return tuple([(id, code.make) for id, code, _ in self.codes if code and isinstance(code.make, Call)])

    @cached_property
    def block_modules(self) -> tuple[tuple[str, BlockModule], ...]:
        """The modules of the blocks inside, by the ids of the nodes that use them."""
        return tuple(
            [(id, code.make) for id, code, _ in self.codes if code and isinstance(code.make, BlockModule)]
        )

    @cached_property
    def outline(self) -> tuple[object, ...]:
        """What two results of one block have in common that come to the same code but for the values in their
        calls: all that is known here of the code, without what the blocks inside come to.
        """
        return tuple([self._outline(*each) for each in self.codes])

    def _outline(self, id: str, code: Code | None, shares: str) -> tuple[object, ...]:
        if code is None:
            return (id, None)
        made: object = None
        if isinstance(code.make, Call):
            made = outlined(code.make)[0]
        elif isinstance(code.make, BlockModule):
            made = len(code.make.repetitions)
        return (id, shares, code.lines, code.set_up, code.penalties, made)

    @cached_property
    def slots(self) -> tuple[tuple[str, Slot], ...]:
        """Where those values stand: the node's id, and the place in its call."""
        return tuple([(id, slot) for id, call in self.calls for slot in outlined(call)[0].slots])

    @cached_property
    def values(self) -> tuple[object, ...]:
        """Those values themselves."""
        return tuple([value for _, call in self.calls for value in outlined(call)[1]])


@frozen
class BlockModule:
    """The module of a block: made from classes that are written for it, one for each repetition.

    Two of the same code are equal, whatever their shapes. `engine.codegen.build` makes the module itself.
    """

    use: Use
    codes: tuple[tuple[NodeCode, ...], ...] = field(repr=False)
    repetitions: tuple[BlockResult, ...] = field(eq=False, repr=False)

    def source(self) -> str:
        """The call of the class, under the name that it has where nothing else is called so."""
        return f"{class_identifier(self.use.block.name)}()"
