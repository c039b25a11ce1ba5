"""The classes that blocks need in the code: one for each block that comes to the same code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from attrs import define

from engine.analysis import Found
from engine.identifiers import Names, class_identifier
from engine.insides import Assembly, Turn


@define(eq=False)
class Draft:
    """A class to be written: its name, the inside it is written from, and whether other shapes reach it too,
    so that none of them can stand beside its lines.
    """

    name: str
    turn: Turn
    varied: bool = False


class Classes:
    """Finds every block below some nodes and names a class for each, inner ones first."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        # an exported file has these names for itself
        self._names = Names({*taken, "Path", "WEIGHTS"})
        self._drafts: dict[object, Draft] = {}
        self._seen: dict[int, Draft] = {}

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._drafts.values())

    def collect(self, found: Iterable[Found]) -> None:
        """Take in the blocks that these nodes use, and those inside."""
        for one in found:
            if one.facts.code is not None and isinstance(one.facts.code.make, Assembly):
                self.add(one.facts.code.make)

    def add(self, assembly: Assembly) -> None:
        """Take in a block, and those inside."""
        for turn in assembly.turns:
            self._add(turn)

    def _add(self, turn: Turn) -> None:
        if id(turn) in self._seen:
            return
        self.collect(one for one in turn.found.values() if not one.facts.left_out)
        key = (turn.use, turn.codes)
        draft = self._drafts.get(key)
        if draft is None:
            name = self._names.give(class_identifier(turn.use.block.name), "")
            draft = self._drafts[key] = Draft(name, turn)
        else:
            draft.varied = True
        self._seen[id(turn)] = draft

    def of(self, assembly: Assembly) -> tuple[str, ...]:
        """The class of each time through a block."""
        return tuple(self._seen[id(turn)].name for turn in assembly.turns)

    def call(self, assembly: Assembly) -> str:
        """How the module of a block is made from its classes."""
        use = assembly.use
        names = self.of(assembly)
        if use.repeat == 1:
            return f"{names[0]}()"
        runs = [(name, len(list(run))) for name, run in groupby(names)]
        parts = [
            f"{name}()" if number == 1 else f"*[{name}() for _ in range({number})]" for name, number in runs
        ]
        if len(use.ports()) == len(use.outputs) == 1:
            return f"nn.Sequential({', '.join(parts)})"
        return f"nn.ModuleList([{', '.join(parts)}])" if len(runs) > 1 else f"nn.ModuleList({parts[0][1:]})"
