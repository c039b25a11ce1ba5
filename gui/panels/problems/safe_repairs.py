"""All repairs at once that nobody has to think about. No widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from engine.analysis.check import check
from engine.analysis.results import Analysis, Problem
from engine.message import Refused, Trouble
from engine.project.project import Project
from engine.repairs.propose import propose

MOST = 1000
"""After so many repairs `repair_all` stops, should repairs ever go round in a circle."""


def repair_all(project: Project, goes_on: Callable[[int, int], bool] = lambda done, left: True) -> Project:
    """Take the first repair of every problem that stops training or will, where it removes nothing and brings
    no other problem.

    Layers that are left out anyway are left alone. One without a safe repair is asked again when all others
    were. Raises `Refused` where there is nothing to take. `goes_on` is told before each repair how many were
    taken and how many problems are left at most, and says whether to take more.
    """
    analysis = start = check(project)
    repairs = 0
    asked: dict[tuple[str, ...], int] = {}  # the problems without a safe repair, after how many repairs
    while repairs < MOST and goes_on(repairs, len(analysis.problems)):
        waiting = [p for p in analysis.problems if asked.get(p.key) != repairs]
        problem = next((p for p in waiting if p.key not in asked), waiting[0] if waiting else None)
        if problem is None:
            break
        better = _repaired(analysis, problem)
        if better is None:
            asked[problem.key] = repairs
        else:
            analysis, repairs = better, repairs + 1
    if analysis is start:
        raise Refused("No repair is safe by itself. Choose one of those offered.")
    return analysis.project


def _repaired(analysis: Analysis, problem: Problem) -> Analysis | None:
    """The network with a problem's first repair; None where that removes something or brings a problem.

    What shows only now, because nothing was known yet of the layer it is at, was there before.
    """
    facts = analysis.nodes.get(problem.node)
    if problem.level == "note" or (facts is not None and facts.unused):
        return None
    first = next(iter(propose(problem)), None)
    if first is None or first.removes:
        return None
    try:
        after = check(first.apply(analysis.project), analysis)
    except Trouble:
        return None
    before = Counter(p.key for p in analysis.problems)
    left = Counter(p.key for p in after.problems)
    if left[problem.key] >= before[problem.key]:
        return None
    new = (node for node, *_ in left - before)
    shown_now = all(node in analysis.nodes and not analysis.nodes[node].known for node in new)
    return after if shown_now else None
