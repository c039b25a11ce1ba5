"""Ways out of a problem. Each is a list of edits that was tried on the project and makes the problem go
away.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from engine import kinds
from engine.analysis.check import block_analysis, check
from engine.kinds import Kind
from engine.message import Message, Trouble
from engine.project.blocks import Use
from engine.project.graph import Wire
from engine.project.project import Project

if TYPE_CHECKING:
    from engine.analysis.results import Analysis, Problem

MOST = 4  # repairs offered for one problem
REMOVING = frozenset({"remove", "dissolve", "disconnect"})


@frozen
class Step:
    """One edit by its name, with its arguments. One with a `path` is made inside the block it leads to."""

    edit: str
    arguments: Mapping[str, Any]

    def apply(self, project: Project) -> Project:
        """Make the edit. Raises `Refused` or `Illegal` as the edit itself does."""
        from engine.edits.named import by_name

        return by_name(self.edit)(project, **self.arguments)

    def within(self, id: str) -> Step:
        """The same step for a project in which a node uses the block that the step is made in."""
        if self.edit == "inside":
            return Step("inside", {**self.arguments, "path": (id, *self.arguments["path"])})
        return Step("inside", {"path": (id,), "edit": self.edit, **self.arguments})

    @property
    def removes(self) -> bool:
        """Whether it takes away a layer, a block or a wire that was drawn."""
        edit = self.arguments["edit"] if self.edit == "inside" else self.edit
        return edit in REMOVING or bool(self.arguments.get("replace"))

    def json(self) -> dict[str, Any]:
        """The step as plain JSON."""
        return {"edit": self.edit, **{name: _plain(value) for name, value in self.arguments.items()}}


@frozen
class Repair:
    """A way out: what it is called, the edits it makes, what it costs, and the shapes that come of it.

    `parameters_delta` is None until the repair was tried. `shapes` reads "N×64×7×7 to N×3136 to N×10".
    """

    title: Message
    steps: tuple[Step, ...]
    parameters_delta: int | None = None
    shapes: str = ""
    safe: bool = field(
        default=True, metadata={"doc": "whether it removes nothing and no new error appears elsewhere"}
    )

    @property
    def removes(self) -> bool:
        """Whether it takes away a layer, a block or a wire that was drawn."""
        return any(step.removes for step in self.steps)

    def apply(self, project: Project) -> Project:
        """The project with the repair made."""
        for step in self.steps:
            project = step.apply(project)
        return project


def propose(problem: Problem) -> tuple[Repair, ...]:
    """The repairs of a problem that work: those that break nothing else first, and last of all those that
    take away what has learnt or will learn.
    """
    from engine.repairs.ideas import proposals

    analysis = problem.analysis
    if analysis is None:
        return ()
    working: list[Repair] = []
    titles: set[str] = set()
    reached: list[Project] = []
    for candidate in proposals(problem, analysis):
        try:
            project = candidate.apply(analysis.project)
        except Trouble:
            continue
        if str(candidate.title) in titles or project in reached:
            continue
        repair = _tried(problem, analysis, candidate, project)
        if repair is not None:
            working.append(repair)
            titles.add(str(repair.title))
            reached.append(project)
        if sum(repair.safe for repair in working) == MOST:
            break
    working.sort(key=lambda repair: (_takes_weights(analysis, repair), not repair.safe))
    return tuple(working[:MOST])


def tried(analysis: Analysis, repair: Repair) -> Repair:
    """The repair with its parameter cost and the shapes it leads to."""
    after = check(repair.apply(analysis.project), analysis)
    return _costed(repair, analysis, after)


def after(analysis: Analysis, step: Step, repair: Repair) -> Repair:
    """The repair with a step before it, for a project that has not made that step yet."""
    return tried(analysis, evolve(repair, steps=(step, *repair.steps)))


def _tried(problem: Problem, analysis: Analysis, repair: Repair, project: Project) -> Repair | None:
    result = check(project, analysis)
    if any(p.key == problem.key for p in result.problems):
        return None
    before = {p.key for p in analysis.problems if p.level == "error"}
    new = [p for p in result.problems if p.level == "error" and p.key not in before]
    if any(p.path == problem.path or p.node not in analysis.nodes for p in new):
        return None  # another fault at the same place, or in what the repair brought, is no way out
    return evolve(_costed(repair, analysis, result), safe=not new and not repair.removes)


def _takes_weights(analysis: Analysis, repair: Repair) -> bool:
    """Whether the repair removes a layer with parameters, one inside a block, or one of which nothing is
    known.
    """
    for step in repair.steps:
        if step.edit == "inside" and step.removes:
            return True
        for id in step.arguments.get("ids", ()) if step.removes else ():
            facts = analysis.nodes.get(id)
            if facts is not None and (facts.parameters or not facts.known):
                return True
    return False


def _costed(repair: Repair, analysis: Analysis, result: Analysis) -> Repair:
    drawn = {str(step.arguments["target"]) for step in repair.steps if step.edit == "connect"}
    return evolve(
        repair,
        parameters_delta=_cost(analysis, result, drawn),
        shapes=_path(repair, analysis, result),
    )


def _cost(before: Analysis, after: Analysis, drawn: Container[str] = ()) -> int:
    """The parameters that a repair adds, those of layers that are left out for now among them. A layer that
    only becomes known again costs nothing, unless it stands after what is new or at a `drawn` wire: there its
    size is what one choice differs from another by.
    """
    old, new = before.project.graph, after.project.graph
    cost = -sum(facts.parameters for id, facts in before.nodes.items() if id not in new.nodes)
    for id, facts in after.nodes.items():
        was = before.nodes.get(id)
        if was is None:
            cost += facts.parameters
            continue
        kind, other = new.nodes[id].kind, old.nodes[id].kind
        if was.known and facts.known:
            cost += facts.parameters - was.parameters
        elif isinstance(kind, Use) and isinstance(other, Use):
            if kind != other:
                inner = block_analysis(before, id)
                cost += sum(_cost(inner, block_analysis(after, id, turn)) for turn in range(kind.repeat))
        elif (
            id in drawn
            or type(kind) is not type(other)
            or any(wire.source not in old.nodes for wire in new.incoming(id))
        ):
            cost += facts.parameters - was.parameters
    return cost


def _path(repair: Repair, analysis: Analysis, result: Analysis) -> str:
    """The shapes along what the repair put in, from what arrives to what the next layer makes of it."""
    new = [id for id in result.project.graph.order if id not in analysis.nodes]
    graph = result.project.graph
    touched = [
        step.arguments["path"][0] if step.edit == "inside" else str(step.arguments["id"])
        for step in repair.steps
        if {"id", "path"} & step.arguments.keys()
    ]
    nodes = new or [id for id in touched if id in graph.nodes][:1]
    if not nodes:
        return ""
    shapes = []
    first = graph.incoming(nodes[0])
    if first:
        shapes.append(result.nodes[first[0].source].outputs.get(first[0].output))
    last = graph.outgoing(nodes[-1]) if new else ()
    for id in [*nodes, *(wire.target for wire in last[:1])]:
        shapes.append(next(iter(result.nodes[id].outputs.values()), None))
    return " → ".join(str(shape) for shape in shapes if shape is not None)


def to_json(repairs: Iterable[Repair]) -> Iterator[dict[str, Any]]:
    """Repairs as plain JSON."""
    for repair in repairs:
        yield {
            "title": str(repair.title),
            "parameters_delta": repair.parameters_delta,
            "edits": [step.json() for step in repair.steps],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Wire):
        return [value.source, value.output, value.target, value.input]
    if isinstance(value, Kind):
        return kinds.to_json(value) if isinstance(value, kinds.registries()) else kinds.values_to_json(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value
