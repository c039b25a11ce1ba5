"""What is known about a network, as values: the facts and problems of each node, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from operator import attrgetter
from typing import Literal

from attrs import evolve, field, frozen

from engine.analysis.measure import Arrival, Weight
from engine.data.schema import Schema
from engine.kinds.code import Code
from engine.kinds.layer import HeldInside
from engine.kinds.shapes import Shape
from engine.message import Message
from engine.project.graph import Node
from engine.project.project import Project

Level = Literal["error", "warning", "note"]


@frozen
class Facts:
    """What is known about one node. `macs`, `activation_bytes` and what is `inside` are for one sample.

    `known` is false where the node, or something above it, is broken. `unused` says that no wire leads from
    it to an Output, so that it is not trained. `shares` is the node whose layer it uses too; its parameters
    are counted there. `frozen` of the parameters are not trained. `weights` are those of a single layer.
    `uncounted` says that `macs` are the least that there can be.
    """

    inputs: Mapping[str, tuple[Shape, ...]] = field(factory=dict)
    outputs: Mapping[str, Shape] = field(factory=dict)
    parameters: int = 0
    macs: int = 0
    activation_bytes: int = 0
    inside: HeldInside | None = None
    known: bool = False
    unused: bool = False
    code: Code | None = None
    shares: str = ""
    frozen: int = 0
    weights: tuple[Weight, ...] = ()
    uncounted: bool = False


@frozen(slots=False, eq=False)
class Problem:
    """What is wrong at a node (`node` is empty for the network as a whole), in words.

    `message` reads after the node's name: "expects N×features but receives N×64×7×7". A problem of a layer
    within a block is `inner` to one of the node that uses the block, named "inside". One `of_training` is no
    fault of the network itself.
    """

    node: str
    name: str
    level: Level
    message: Message
    expected: Message
    received: Message
    why: Message
    port: str = ""
    facts: Mapping[str, object] = field(factory=dict)
    analysis: Analysis | None = field(default=None, repr=False)
    inner: Problem | None = None
    of_training: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same problem after an edit: where it is and what it is called."""
        return (self.node, self.name, self.port, *(self.inner.key if self.inner else ()))

    @property
    def path(self) -> tuple[str, ...]:
        """The ids of the nodes that lead to it: one, or more where it is within blocks."""
        return (self.node, *(self.inner.path if self.inner else ()))

    @property
    def sentence(self) -> Message:
        """The message with the node's name before it, where it is at one."""
        node = self.analysis.project.graph.nodes.get(self.node) if self.analysis is not None else None
        if node is None:
            return self.message
        return Message("{name} {message}", name=node.name, message=self.message)


@frozen
class NodeResult:
    """One node's facts and problems, with what they were computed from, so that the next check can take them
    over.
    """

    node: Node
    arrivals: tuple[Arrival, ...]
    broken: frozenset[str]
    alive: bool
    schema: Schema | None
    facts: Facts
    problems: tuple[Problem, ...]


@frozen(slots=False, eq=False)
class Analysis:
    """Everything `check` found out about a project. Sums count the nodes that are trained."""

    project: Project
    schema: Schema | None
    results: Mapping[str, NodeResult]
    general: tuple[Problem, ...] = ()
    unshared: Mapping[str, NodeResult] = field(factory=dict)
    """The results before shared weights were counted once: what the next check takes over."""

    @cached_property
    def nodes(self) -> Mapping[str, Facts]:
        """The facts of every node by id, in the order of the graph."""
        return {id: self.results[id].facts for id in self.project.graph.nodes}

    @cached_property
    def found(self) -> tuple[Problem, ...]:
        """All problems as they were found, tied to no analysis: those of a node that stays as it is are the
        very same in the next analysis.
        """
        every = [*self.general]
        for id in self.project.graph.order:
            every += self.results[id].problems
        return tuple(every)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """All problems: the network's own first, then node by node as the data flows; errors before the
        rest.
        """
        rank = {"error": 0, "warning": 1, "note": 2}
        every = sorted(self.found, key=lambda problem: rank[problem.level])
        return tuple(evolve(problem, analysis=self) for problem in every)

    @cached_property
    def errors(self) -> frozenset[tuple[str, ...]]:
        """The keys of all that stops training."""
        return frozenset(problem.key for problem in self.found if problem.level == "error")

    def of(self, id: str) -> tuple[Problem, ...]:
        """The problems of one node."""
        return self._by_node.get(id, ())

    @cached_property
    def _by_node(self) -> dict[str, tuple[Problem, ...]]:
        problems: dict[str, tuple[Problem, ...]] = {}
        for problem in self.problems:
            problems[problem.node] = (*problems.get(problem.node, ()), problem)
        return problems

    @cached_property
    def obstacle(self) -> Problem | None:
        """The first problem that stops training, None where there is none."""
        return next((problem for problem in self.problems if problem.level == "error"), None)

    @cached_property
    def fault(self) -> Problem | None:
        """The first problem for which the network cannot even be made, let alone trained."""
        return next((one for one in self.problems if one.level == "error" and not one.of_training), None)

    @property
    def trainable(self) -> bool:
        """Whether the network can be trained as it stands."""
        return self.obstacle is None

    @cached_property
    def trained(self) -> tuple[Facts, ...]:
        """The facts of the nodes that take part."""
        return tuple([facts for facts in self.nodes.values() if not facts.unused])

    @cached_property
    def sized(self) -> bool:
        """Whether the sums are of all layers that take part: nothing is known of one behind a broken one."""
        every = self.results.values()
        return all(one.facts.known or one.facts.unused or one.node.kind.family == "io" for one in every)

    @cached_property
    def counted(self) -> bool:
        """Whether all multiply-adds are in their sum, else it is the least that there can be."""
        return self.sized and not any(facts.uncounted for facts in self.trained)

    @cached_property
    def parameters(self) -> int:
        """Numbers that the layers have learnt or will learn, frozen ones among them."""
        return sum(map(attrgetter("parameters"), self.trained))

    @cached_property
    def macs(self) -> int:
        """Multiply-adds of one forward pass of one sample."""
        return sum(map(attrgetter("macs"), self.trained))

    @cached_property
    def activation_bytes(self) -> int:
        """Memory for what the layers put out for one sample, all kept for the backward pass, in bytes."""
        return sum(map(attrgetter("activation_bytes"), self.trained))
