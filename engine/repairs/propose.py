"""Ways out of a problem. Each is a list of edits that was tried on the project and makes the problem go
away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator
from weakref import WeakKeyDictionary

from attrs import evolve

from engine.analysis.check import block_analysis, check
from engine.analysis.problems import INSIDE, NO_EXIT
from engine.analysis.results import Analysis, Problem
from engine.message import Message, Trouble
from engine.project.blocks import Use
from engine.project.project import Project
from engine.repairs import (
    blocks,
    joins,
    network,
    outputs,
    shapes,
    warnings,
    widths,
    wires,
)
from engine.repairs.ideas import ideas, proposals
from engine.repairs.repair import NamedEdit, Repair
from engine.repairs.site import Ideas, Site

PAGES = (wires, shapes, widths, joins, outputs, blocks, network, warnings)
"""The pages with ideas. Each ties its own to the problems as it is read, so a page that is not named here has
none; which idea comes first is said within the one function that a problem is tied to.
"""
MOST = 4  # repairs offered for one problem
PATIENCE = 2.0  # seconds of its thread after which no more are sought for one problem
PATIENCE_FOR_ALL = 10.0  # seconds after which none are sought for further problems

_proposed: WeakKeyDictionary[Problem, tuple[Repair, ...]] = WeakKeyDictionary()
"""What was proposed for problems that are still on the screen: two panels ask for the same."""
_one_at_a_time = threading.RLock()
"""Threads that sought at once would seek the same twice, and each of them slower."""


def propose(problem: Problem, wanted: Callable[[], bool] = lambda: True) -> tuple[Repair, ...]:
    """The repairs of a problem that work: those that break nothing else first, and last of all those that
    take away what has learnt or will learn. None for a problem that belongs to no analysis, and no more once
    they are not `wanted`.
    """
    analysis = problem.analysis
    if analysis is None:
        return ()
    with _one_at_a_time:
        if problem in _proposed:
            return _proposed[problem]
        repairs = _working_repairs(problem, analysis, wanted)
        if repairs is None:
            return ()
        _proposed[problem] = repairs
        return repairs


def propose_each(problems: Iterable[Problem]) -> Iterator[tuple[Problem, tuple[Repair, ...] | None]]:
    """Problem after problem with its repairs. None for those that come when seeking has taken too long: what
    has hundreds of problems is repaired by and by, and checked again.
    """
    began = time.thread_time()
    for problem in problems:
        late = time.thread_time() - began > PATIENCE_FOR_ALL
        yield problem, None if late else propose(problem)


def _working_repairs(
    problem: Problem, analysis: Analysis, wanted: Callable[[], bool]
) -> tuple[Repair, ...] | None:
    """The ideas for a problem that were tried and work, at most as many as are offered. None where they are
    wanted no more.
    """
    working: list[Repair] = []
    titles: set[str] = set()
    reached: list[Project] = []  # two ideas may lead to one project: the likelier, which comes first, has it
    began = time.thread_time()
    for candidate in proposals(problem, analysis):
        if not wanted():
            return None
        if time.thread_time() - began > PATIENCE:
            break
        try:
            project = candidate.apply(analysis.project)
        except Trouble:
            continue
        if str(candidate.title) in titles or project in reached:
            continue
        repair = _attempt(problem, analysis, candidate, project)
        if repair is not None:
            working.append(repair)
            titles.add(str(repair.title))
            reached.append(project)
        if sum(repair.safe for repair in working) == MOST:
            break  # trying is what takes time; what else may work stands behind these
    # what takes away what was drawn and breaks what follows is left for where nothing else helps
    working = [repair for repair in working if not (repair.drops and repair.breaks)] or working
    working.sort(key=lambda repair: (_takes_weights(analysis, repair), not repair.safe))
    return tuple(working[:MOST])


@ideas(INSIDE, NO_EXIT)
def inside_block(site: Site) -> Ideas:
    """The ways out that the inside of the block has, for every use of it."""
    repetition = site.problem.facts.get("repetition")
    inner = site.problem.inner
    analysis = block_analysis(site.analysis, site.node.id, repetition if isinstance(repetition, int) else 0)
    wanted = () if inner is None else inner.key
    for problem in analysis.problems:
        if problem.key == wanted or (problem.name == site.problem.name and not problem.node):
            for repair in propose(problem):
                steps = tuple(step.within(site.node.id) for step in repair.steps)
                yield Repair(
                    Message("{title}, in {block}", title=repair.title, block=analysis.project.graph.name),
                    steps,
                )


def tried(analysis: Analysis, repair: Repair) -> Repair:
    """The repair with its parameter cost, the shapes it leads to, and whether it brings an error."""
    after = check(repair.apply(analysis.project), analysis)
    return evolve(_costed(repair, analysis, after), breaks=not after.errors <= analysis.errors)


def preceded(analysis: Analysis, step: NamedEdit, repair: Repair) -> Repair:
    """The repair with an edit before it, for a project in which that edit is not made yet."""
    return tried(analysis, evolve(repair, steps=(step, *repair.steps)))


def _attempt(problem: Problem, analysis: Analysis, repair: Repair, project: Project) -> Repair | None:
    """The repair with what it costs, or None where the problem stays in the project that it leads to or
    another takes its place.
    """
    result = check(project, analysis)
    known = set(
        map(id, analysis.found)
    )  # of a network with many problems most are the very same after an edit
    others = [p for p in result.found if id(p) not in known]
    own = result.results[problem.node].problems if problem.node in result.results else ()
    if any(p.key == problem.key for p in (*others, *own)):
        return None
    new = [p for p in others if p.level == "error" and p.key not in analysis.errors]
    if any(p.path == problem.path or p.node not in analysis.nodes for p in new):
        return None  # another fault at the same node, or in what the repair brought, is no way out
    costed = _costed(repair, analysis, result)
    return evolve(costed, breaks=bool(new), safe=not new and not repair.removes)


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
    """The repair with what the project that it leads to, which is analysed, costs more."""
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
    # what it takes away
    cost = -sum(facts.parameters for id, facts in before.nodes.items() if id not in new.nodes)
    for id, facts in after.nodes.items():
        was = before.nodes.get(id)
        if was is None:  # what it puts in
            cost += facts.parameters
            continue
        if was is facts:
            continue  # nothing of it has changed
        kind, other = new.nodes[id].kind, old.nodes[id].kind
        if was.known and facts.known:
            cost += facts.parameters - was.parameters
        elif isinstance(kind, Use) and isinstance(other, Use):
            # one of them is broken, so that its sum is not known: what changed inside, each time through
            if kind != other:
                inner = block_analysis(before, id)
                cost += sum(_cost(inner, block_analysis(after, id, time)) for time in range(kind.repeat))
        elif (
            id in drawn
            or type(kind) is not type(other)
            or any(wire.source not in old.nodes for wire in new.incoming(id))
        ):
            cost += facts.parameters - was.parameters
    return cost


def _path(repair: Repair, analysis: Analysis, result: Analysis) -> str:
    """The shapes along what the repair put in, from what arrives to what the next layer makes of it."""
    graph = result.project.graph
    new = [id for id in graph.order if id not in analysis.nodes]
    touched = [
        step.arguments["path"][0] if step.edit == "inside" else str(step.arguments["id"])
        for step in repair.steps
        if {"id", "path"} & step.arguments.keys()
    ]
    nodes = new or [id for id in touched if id in graph.nodes][:1]  # else the layer that it changed
    if not nodes:
        return ""
    carried = []
    first = graph.incoming(nodes[0])
    if first:
        carried.append(result.nodes[first[0].source].outputs.get(first[0].output))
    last = graph.outgoing(nodes[-1]) if new else ()
    for id in [*nodes, *(wire.target for wire in last[:1])]:
        carried.append(next(iter(result.nodes[id].outputs.values()), None))
    return " → ".join(str(shape) for shape in carried if shape is not None)
