"""Ways out where a wire is missing or leads nowhere."""

from __future__ import annotations

from engine import kinds
from engine.analysis.problems import ILLEGAL_SETTING, LEFT_OUT, UNKNOWN_KIND, UNWIRED
from engine.analysis.wiring import fits
from engine.kinds import Layer
from engine.kinds.unreadable import InvalidLayer
from engine.layers.pooling import MaxPooling
from engine.message import Message
from engine.repairs.ideas import ideas
from engine.repairs.repair import NamedEdit, Repair, single
from engine.repairs.site import Ideas, Site, set_param

ASKED = 12
"""So many layers are asked at most, the likeliest first: to try all of a large network takes too long."""


@ideas(UNWIRED)
def unwired(site: Site) -> Ideas:
    """Wire it to the nearest layer above whose output fits."""
    node, graph = site.node, site.graph
    port = next((p for p in node.kind.ports() if p.name == site.problem.port), None)
    if port is None:
        return
    yield from _places(site)
    others = [n for n in graph.nodes.values() if n.id != node.id and n.kind.outputs]
    # first what puts out a known shape: after another that waits for a wire this one would wait with it; then
    # what leads nowhere yet, what stands above on the canvas, and what is near
    others.sort(
        key=lambda n: (
            not site.analysis.nodes[n.id].known,
            bool(graph.outgoing(n.id)),
            n.y > node.y,
            abs(n.y - node.y) + abs(n.x - node.x),
        )
    )
    for other in others[:ASKED]:
        output = other.kind.outputs[0]
        if fits(site.analysis, other.id, output, node.id, port.name):
            wire = {"source": other.id, "output": output, "target": node.id, "input": port.name}
            yield single(Message("Wire it after {name}", name=other.name), "connect", **wire)
    if not graph.incoming(node.id):  # else what arrives can flow on, see settings
        yield single(Message("Remove {name}", name=node.name), "remove", ids=(node.id,))


def _places(site: Site) -> Ideas:
    """The places that a pooling remembers, for the unpooling that waits for them."""
    wires = site.graph.incoming(site.node.id)
    pool = site.producer(wires[0], MaxPooling) if wires else None
    if site.problem.port != "indices" or pool is None:
        return
    other = kinds.registry(Layer).get(type(pool.kind).__name__.replace("MaxPool", "MaxPoolIndices"))
    if "indices" in pool.kind.outputs or other is None:
        return
    settings = {p.name: getattr(pool.kind, p.name) for p in kinds.params(pool.kind)}
    wire = {"source": pool.id, "output": "indices", "target": site.node.id, "input": "indices"}
    title = Message("Let {name} remember its places and wire them", name=pool.name)
    change = NamedEdit("set_kind", {"id": pool.id, "kind": other(**settings)})
    yield Repair(title, (change, NamedEdit("connect", wire)))


@ideas(LEFT_OUT)
def left_out(site: Site) -> Ideas:
    """Lead it to an Output that still waits, or take it away."""
    node = site.node
    for output in site.graph.outputs:
        if not node.kind.outputs or site.graph.incoming(output.id):
            continue
        if fits(site.analysis, node.id, node.kind.outputs[0], output.id, "x"):
            wire = {"source": node.id, "output": node.kind.outputs[0], "target": output.id, "input": "x"}
            yield single(Message("Wire it to {name}", name=output.name), "connect", **wire)
    yield single(Message("Remove {name}", name=node.name), "remove", ids=(node.id,))


@ideas(ILLEGAL_SETTING)
def illegal_setting(site: Site) -> Ideas:
    """The nearest legal values, or the usual ones, in the place of what is not legal."""
    kind = site.node.kind
    if not isinstance(kind, InvalidLayer):
        return
    declared = [fault.name for fault in kind.invalid if fault.param is not None]
    if len(kind.invalid) == len(declared) == 1:
        for legal in (kind.nearest, kind.meant):
            yield set_param(site.node, declared[0], getattr(legal, declared[0]))
        return
    titles = (
        [Message("Take the nearest legal values"), Message("Take the usual values")]
        if declared
        else [Message("Drop {settings}", settings=", ".join(fault.name for fault in kind.invalid))]
    )
    for title, legal in zip(titles, (kind.nearest, kind.meant), strict=False):
        yield single(title, "set_kind", id=site.node.id, kind=legal)


@ideas(UNKNOWN_KIND)
def unknown_kind(site: Site) -> Ideas:
    """To do without it, with or without what stood around it wired together."""
    yield single(Message("Remove it and join the wires"), "dissolve", ids=(site.node.id,))
    yield single(Message("Remove it"), "remove", ids=(site.node.id,))
