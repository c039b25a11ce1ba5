"""Why a wire is refused, with ways to draw it all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from attrs import evolve, field, frozen

from engine import edits
from engine.analysis.check import check
from engine.analysis.problems import ProblemKind
from engine.analysis.results import Analysis, Problem
from engine.analysis.wiring import broken_by
from engine.layers.combine import Add, Concatenate
from engine.message import Message, Refused
from engine.repairs.propose import preceded, propose, tried
from engine.repairs.repair import NamedEdit, Repair, single

REFUSED = ProblemKind(
    "refused",
    message="{reason}",
    expected="",
    received="",
    why="",
    by_hand="It is no problem of the network. What would draw the wire stands in the Refusal.",
)


@frozen(slots=False, eq=False)
class Refusal:
    """Why a wire is not drawn, and what would let it be."""

    problem: Problem
    _seek: Callable[[], Iterator[Repair]] = field(repr=False)

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """What would let the wire be drawn, and draws it too. Sought when first asked for, which takes long
        beside the reason.
        """
        return tuple(self._seek())


def refusal(analysis: Analysis, source: str, output: str, target: str, input: str) -> Refusal | None:
    """Why a wire would not fit into the analysed project, or None where it does.

    It also fits where nothing is known yet about what it would carry.
    """
    project = analysis.project
    arguments = {"source": source, "output": output, "target": target, "input": input}
    try:
        wired = edits.connect(project, source, output, target, input)
    except Refused as refused:
        return _refused(analysis, refused, arguments)
    problem = broken_by(wired, analysis, target)
    if problem is None:
        return None
    broken = evolve(problem, analysis=check(wired, analysis))
    connect = NamedEdit("connect", arguments)
    return Refusal(broken, lambda: (preceded(analysis, connect, repair) for repair in propose(broken)))


def _refused(analysis: Analysis, refused: Refused, arguments: dict[str, str]) -> Refusal:
    """A wire that the graph itself does not allow. One into a taken port may replace the wire that is there,
    or both may be joined before it.
    """
    problem = evolve(
        REFUSED(arguments["target"], port=arguments["input"], reason=refused.message), analysis=analysis
    )
    return Refusal(problem, lambda: _instead(analysis, arguments))


def _instead(analysis: Analysis, arguments: dict[str, str]) -> Iterator[Repair]:
    """The ways to lead a wire into a taken port that break nothing."""
    try:
        ways = [*_replacements(analysis, arguments), *_joins(analysis, arguments)]
    except Refused:
        return
    for way in ways:
        repair = tried(analysis, way)
        if not repair.breaks:
            yield repair


def _replacements(analysis: Analysis, arguments: dict[str, str]) -> Iterator[Repair]:
    """The wire in the place of the one that is at its port; where it does not fit, with what makes it fit."""
    instead = single(Message("Replace the wire"), "connect", **arguments, replace=True)
    wired = instead.apply(analysis.project)
    problem = broken_by(wired, analysis, arguments["target"])
    if problem is None:
        yield instead
        return
    for repair in propose(evolve(problem, analysis=check(wired, analysis))):
        title = Message("{title}, and replace the wire", title=repair.title)
        yield evolve(repair, title=title, steps=(*instead.steps, *repair.steps))


def _joins(analysis: Analysis, arguments: dict[str, str]) -> Iterator[Repair]:
    """The layers that bring the new wire together with the one that is at its port: side by side along the
    channels, else along the last axis.
    """
    (present,) = analysis.project.graph.arriving(arguments["target"], arguments["input"])
    id = edits.new_id(analysis.project.graph)
    for ways in ((Add(),), (Concatenate(), Concatenate(axis=-1))):
        for kind in ways:
            insert = NamedEdit("insert", {"id": id, "kind": kind, "wire": present})
            ends = {"source": arguments["source"], "output": arguments["output"]}
            second = NamedEdit("connect", {**ends, "target": id, "input": kind.ports()[0].name})
            repair = Repair(Message("Join both with {kind}", kind=kind.label()), (insert, second))
            try:
                result = check(repair.apply(analysis.project), analysis)
            except Refused:
                continue
            if result.errors <= analysis.errors:
                yield repair
                break
