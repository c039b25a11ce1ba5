"""Taking layers out of the wires that they stand in: what arrived at them flows on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from attrs import evolve

from engine.message import Refused
from engine.project.graph import Graph, Wire, first_wired, node_of
from engine.project.project import Project


def dissolve(project: Project, ids: Iterable[str]) -> Project:
    """Take layers away and let what arrives at their first input flow on to whatever they fed."""
    graph, times = project.graph, Counter(ids)
    for id, number in times.items():
        node_of(graph, id)
        if number > 1:
            raise Refused("there is no layer {id}", id=id)
    graph = graph.with_wires(_bypassing(graph, times))
    waiting: set[str] = set()
    for id in times:
        waiting.add(id)
        if id in graph.sharers:  # whoever owns its weights next may be dissolved after it
            graph, waiting = graph.without(waiting), set()
    return evolve(project, graph=graph.without(waiting))


def _bypassing(graph: Graph, ids: Collection[str]) -> tuple[Wire, ...]:
    """The wires after layers were taken out of them, one after the other. A wire that goes on from elsewhere
    stands where it stood, since the order counts where several arrive.
    """
    now: dict[Wire, Wire | None] = {}  # what has become of a wire; None where it is gone
    moved: dict[str, list[Wire]] = defaultdict(list)  # wires that leave a node since another was taken out
    for id in ids:
        arriving = [wire for old in graph.incoming(id) if (wire := now.get(old, old)) is not None]
        passed = first_wired(graph.nodes[id].kind, arriving)
        for old in (*graph.outgoing(id), *moved[id]):
            wire = now.get(old, old)
            if wire is not None and passed is not None:
                now[old] = Wire(passed.source, passed.output, wire.target, wire.input)
                moved[passed.source].append(old)
            else:
                now[old] = None
        now.update(dict.fromkeys(graph.incoming(id)))
    wires = (now[wire] if wire.source in ids or wire.target in ids else wire for wire in graph.wires)
    return tuple(dict.fromkeys(wire for wire in wires if wire is not None))  # two that become equal are one
