"""Taking layers out of the wires that they stand in: what arrived at them flows on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from attrs import evolve

from engine.message import Refused
from engine.project.graph import Graph, Wire, first_wired, node_of
from engine.project.project import Project

Allows = Callable[[Project, Wire], bool]
"""Whether a wire of a project that closes a gap may stay there."""


def heal(project: Project, ids: Iterable[str], cut: Iterable[Wire], allows: Allows) -> Project:
    """Take layers away, and further wires by themselves; a gap is closed where it is plain how.

    It is where all that reached a group of them came from one output: that then feeds whatever their first
    outputs fed, each wire in the place of the one before, where `allows` has nothing against it.
    """
    graph, gone = project.graph, set(ids)
    for id in gone:
        node_of(graph, id)
    whole = graph.without((), set(cut))
    closing: dict[Wire, Wire] = {}  # for each wire that leaves a group, what would stand in its place
    for group in _groups(whole, gone):
        arriving = {(wire.source, wire.output) for id in group for wire in whole.incoming(id)}
        outside = [end for end in arriving if end[0] not in group]
        if len(outside) == 1:
            closing |= {
                wire: Wire(*outside[0], wire.target, wire.input)
                for id in _fed(whole, group)
                for wire in whole.outgoing(id)
                if wire.target not in group and wire.output in whole.nodes[id].kind.outputs[:1]
            }
    left = whole.without(gone)
    closed = {old: new for old, new in closing.items() if new not in whole.wires}
    while True:
        kept = (closed.get(wire, wire) for wire in whole.wires)
        wires = tuple(dict.fromkeys(w for w in kept if w.source in left.nodes and w.target in left.nodes))
        healed = evolve(project, graph=left.with_wires(wires))
        refused = next((old for old, new in closed.items() if not allows(healed, new)), None)
        if refused is None:
            return healed
        del closed[refused]


def _fed(graph: Graph, group: set[str]) -> set[str]:
    """Those of a group to which something leads from outside it."""
    waiting = [id for id in group if any(wire.source not in group for wire in graph.incoming(id))]
    fed: set[str] = set()
    while waiting:
        id = waiting.pop()
        if id not in fed:
            fed.add(id)
            waiting += [wire.target for wire in graph.outgoing(id) if wire.target in group]
    return fed


def _groups(graph: Graph, ids: Iterable[str]) -> Iterator[set[str]]:
    """These nodes, put together as far as wires between them reach."""
    waiting = set(ids)
    while waiting:
        group, near = set(), {next(iter(waiting))}
        while near:
            group |= near
            waiting -= near
            ends = {wire.target for id in near for wire in graph.outgoing(id)}
            near = waiting & ends.union(wire.source for id in near for wire in graph.incoming(id))
        yield group


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
