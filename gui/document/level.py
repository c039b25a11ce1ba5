"""Where a person stands in a document: at the network itself, or inside a block that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from engine.analysis.check import block_analysis
from engine.edits import blocks
from engine.message import Message
from engine.project.blocks import Block, Exposed, Use
from engine.project.graph import Node, Wire
from engine.project.project import Inside, Project

if TYPE_CHECKING:
    from engine.analysis.results import Analysis

NodePath = tuple[str, ...]
"""Ids of nodes: each but the last uses the block that the next one stands in."""


class Whole(Protocol):
    """The document as its levels need it: what it holds, what is selected in it, and how both are changed."""

    selection: frozenset[str]
    wire_selection: frozenset[Wire]
    analysis: Analysis | None

    @property
    def title(self) -> str: ...
    @property
    def project(self) -> Project: ...
    @property
    def fresh(self) -> bool: ...
    def do(
        self, edit: Callable[..., Project], *args: Any, label: Message, merge: object = None, **named: Any
    ) -> bool: ...
    def undo(self) -> bool: ...
    def redo(self) -> bool: ...
    def select(self, ids: Iterable[str], wires: Iterable[Wire] = ()) -> None: ...
    def stand(self, ids: frozenset[str], wires: frozenset[Wire]) -> None: ...


class Level:
    """What is open, as if it were a document of its own. Edits change the definition of the open block, and
    every use of it follows; they are steps of the whole document's history.
    """

    def __init__(self, document: Whole) -> None:
        self.document = document
        self.path: NodePath = ()
        """The ids that lead to the open block, none at the network itself."""
        self.repetitions: tuple[int, ...] = ()
        """For each of them, which time through the block is looked at, from 0."""
        self._left: dict[NodePath, tuple[frozenset[str], frozenset[Wire], Any]] = {}
        self._shown: tuple[Project, NodePath, Project] | None = None
        self._known: tuple[Analysis, NodePath, tuple[int, ...], Analysis | None] | None = None
        self._given: dict[NodePath, tuple[Any, ...]] = {}

    # ------------------------------------------------------------------ what it is

    @property
    def title(self) -> str:
        """The name of what is open."""
        return self.project.graph.name

    @property
    def project(self) -> Project:
        """The network, or the inside of the open block as this use of it has it."""
        whole = self.document.project
        if not self.path:
            return whole
        if self._shown is None or self._shown[0] is not whole or self._shown[1] != self.path:
            self._shown = whole, self.path, self._inside(whole)
        return self._shown[2]

    def _inside(self, whole: Project) -> Project:
        """The same value as before where nothing in it changed, so that a gesture can go on."""
        graph, given = self.uses[-1].graph, self._given.get(self.path, ())
        if self._shown is not None and self._shown[1] == self.path:
            last = self._shown[2]
            same = last.data is whole.data and last.recipe is whole.recipe
            if same and last.graph is graph and isinstance(last, Inside) and last.given == given:
                return last
        return Inside(graph, whole.data, whole.recipe, given)

    @property
    def analysis(self) -> Analysis | None:
        """The newest that is known of what is open, or None."""
        whole = self.document.analysis
        if not self.path or whole is None:
            return whole
        key = (whole, self.path, self.repetitions)
        if self._known is None or any(a is not b for a, b in zip(self._known, key, strict=False)):
            self._known = (*key, self._looked_up(whole))
        return self._known[3]

    def _looked_up(self, analysis: Analysis) -> Analysis | None:
        for id, repetition in zip(self.path, self.repetitions, strict=True):
            result = analysis.results.get(id)
            if result is None or not isinstance(result.node.kind, Use):
                return None
            analysis = block_analysis(analysis, id, repetition)
        if isinstance(analysis.project, Inside):
            self._given[self.path] = analysis.project.given
            if self._shown is not None:
                self._shown = (*self._shown[:2], self._inside(self.document.project))
        return analysis

    @property
    def fresh(self) -> bool:
        """Whether `analysis` is of the present value."""
        return self.document.fresh

    @property
    def selection(self) -> frozenset[str]:
        """The ids that are selected here."""
        return self.document.selection

    @property
    def wire_selection(self) -> frozenset[Wire]:
        """The wires that are selected here."""
        return self.document.wire_selection

    @property
    def camera(self) -> Any:
        """From where one looks at what is open."""
        return self._left.get(self.path, (None, None, None))[2]

    @camera.setter
    def camera(self, camera: Any) -> None:
        self._left[self.path] = (self.selection, self.wire_selection, camera)

    # ------------------------------------------------------------------ the way here

    @property
    def uses(self) -> tuple[Use, ...]:
        """The uses of blocks that lead here, outermost first."""
        uses: list[Use] = []
        graph = self.document.project.graph
        for id in self.path:
            node = graph.nodes.get(id)
            if node is None or not isinstance(node.kind, Use):
                break
            uses.append(node.kind)
            graph = node.kind.graph
        return tuple(uses)

    @property
    def block(self) -> Block | None:
        """The definition that is open, or None at the network itself."""
        return self.uses[-1].block if self.path else None

    def open(self, path: Iterable[str], repetitions: Sequence[int] | None = None) -> None:
        """Go to the inside of the block at the end of a path from the network, or to the network itself.

        `repetitions` says which time through each block; without it, the first, or the one looked at before.
        """
        path = tuple(path)
        shared = self.repetitions[: _common(path, self.path)] if repetitions is None else tuple(repetitions)
        self._go(path, (*shared, *(0,) * len(path))[: len(path)])

    def enter(self, id: str) -> bool:
        """Open the block that a node here uses. False where it uses none."""
        node = self.project.graph.nodes.get(id)
        if node is None or not isinstance(node.kind, Use):
            return False
        self.open((*self.path, id))
        return True

    def leave(self) -> bool:
        """Go one level up, with the block that was open selected. False at the network itself."""
        if not self.path:
            return False
        id = self.path[-1]
        self.open(self.path[:-1])
        self.select({id})
        return True

    def show_repetition(self, repetition: int) -> None:
        """Look at another time through the open block, where it is repeated."""
        if self.path:
            self._go(self.path, (*self.repetitions[:-1], repetition))

    def follow(self) -> bool:
        """After a change: go up as far as the way here is gone. True where one stands elsewhere now."""
        uses = self.uses
        path = self.path[: len(uses)]
        repetitions = tuple(
            min(repetition, use.repeat - 1) for repetition, use in zip(self.repetitions, uses, strict=False)
        )
        if (path, repetitions) == (self.path, self.repetitions):
            return False
        self.path, self.repetitions = path, repetitions
        return True

    def _go(self, path: NodePath, repetitions: tuple[int, ...]) -> None:
        document = self.document
        moved = path != self.path
        if moved:
            self._left[self.path] = (self.selection, self.wire_selection, self.camera)
        self.path, self.repetitions = path, repetitions
        self.follow()
        if moved:
            ids, wires, _ = self._left.get(self.path, (frozenset(), frozenset(), None))
            document.stand(ids, wires)
        else:
            document.stand(self.selection, self.wire_selection)

    # ------------------------------------------------------------------ change

    def do(
        self,
        edit: Callable[..., Project],
        *args: Any,
        label: Message,
        merge: object = None,
        **named: Any,
    ) -> bool:
        """Make an edit here, as `Document.do` does."""
        if not self.path:
            return self.document.do(edit, *args, label=label, merge=merge, **named)
        change = partial(_called, edit, args, named)
        merge = None if merge is None else (self.path, merge)
        given = self._given.get(self.path, ())
        return self.document.do(blocks.within, self.path, change, given=given, label=label, merge=merge)

    def select(self, ids: Iterable[str], wires: Iterable[Wire] = ()) -> None:
        """Select these layers and wires here and nothing else."""
        self.document.select(ids, wires)

    def undo(self) -> bool:
        """Take the document's last step back, wherever it was made."""
        return self.document.undo()

    def redo(self) -> bool:
        """Make the step again that was taken back."""
        return self.document.redo()

    # ------------------------------------------------------------------ what the open block offers

    def exposed(self, id: str, param: str) -> Exposed | None:
        """How the open block offers a setting of a layer here to its uses, or None where it does not."""
        block = self.block
        offered = block.exposed if block is not None else ()
        return next((one for one in offered if (one.node, one.param) == (id, param)), None)

    def chosen_here(self, id: str, param: str) -> Exposed | None:
        """The offered setting that this use has a value of its own for, which then counts, or None."""
        one = self.exposed(id, param)
        return one if one is not None and one.name in dict(self.uses[-1].values) else None

    def node(self, id: str) -> Node:
        """A node here."""
        return self.project.graph.nodes[id]


def _called(
    edit: Callable[..., Project], args: tuple[Any, ...], named: dict[str, Any], project: Project
) -> Project:
    return edit(project, *args, **named)


def _common(one: NodePath, other: NodePath) -> int:
    """How far two paths go together."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
