"""Ways out where a wire is missing or leads nowhere."""

from __future__ import annotations

from engine import kinds
from engine.analysis.problems import ILLEGAL_SETTING, LEFT_OUT, UNKNOWN_KIND, UNWIRED
from engine.analysis.wiring import fits
from engine.kinds import Layer
from engine.kinds.unreadable import Misset
from engine.layers.pooling import MaxPooling
from engine.message import Message
from engine.repairs.ideas import ideas
from engine.repairs.repair import Repair, Step
from engine.repairs.site import Ideas, Place, set_param


@ideas(UNWIRED)
def unwired(place: Place) -> Ideas:
    """Wire it to the nearest layer above whose output fits."""
    node, graph = place.node, place.graph
    port = next((p for p in node.kind.ports() if p.name == place.problem.port), None)
    if port is None:
        return
    yield from _places(place)
    above = [n for n in graph.nodes.values() if n.id != node.id and n.kind.outputs]
    above.sort(
        key=lambda n: (bool(graph.outgoing(n.id)), n.y > node.y, abs(n.y - node.y) + abs(n.x - node.x))
    )
    for other in above[:12]:
        output = other.kind.outputs[0]
        if fits(place.analysis, other.id, output, node.id, port.name):
            wire = {"source": other.id, "output": output, "target": node.id, "input": port.name}
            yield Repair(Message("Wire it after {name}", name=other.name), (Step("connect", wire),))
    if not graph.incoming(node.id):  # else what arrives can flow on, see settings
        yield Repair(Message("Remove {name}", name=node.name), (Step("remove", {"ids": (node.id,)}),))


def _places(place: Place) -> Ideas:
    """The places that a pooling remembers, for the unpooling that waits for them."""
    pool = (
        place.feeding(place.graph.incoming(place.node.id)[0], MaxPooling)
        if place.graph.incoming(place.node.id)
        else None
    )
    if place.problem.port != "indices" or pool is None:
        return
    other = kinds.registry(Layer).get(type(pool.kind).__name__.replace("MaxPool", "MaxPoolIndices"))
    if "indices" in pool.kind.outputs or other is None:
        return
    settings = {p.name: getattr(pool.kind, p.name) for p in kinds.params(pool.kind)}
    wire = {"source": pool.id, "output": "indices", "target": place.node.id, "input": "indices"}
    title = Message("Let {name} remember its places and wire them", name=pool.name)
    change = Step("set_kind", {"id": pool.id, "kind": other(**settings)})
    yield Repair(title, (change, Step("connect", wire)))


@ideas(LEFT_OUT)
def left_out(place: Place) -> Ideas:
    """Lead it to an Output that still waits, or take it away."""
    node = place.node
    for output in place.graph.outputs:
        if not node.kind.outputs or place.graph.incoming(output.id):
            continue
        if fits(place.analysis, node.id, node.kind.outputs[0], output.id, "x"):
            wire = {"source": node.id, "output": node.kind.outputs[0], "target": output.id, "input": "x"}
            yield Repair(Message("Wire it to {name}", name=output.name), (Step("connect", wire),))
    yield Repair(Message("Remove {name}", name=node.name), (Step("remove", {"ids": (node.id,)}),))


@ideas(ILLEGAL_SETTING)
def illegal_setting(place: Place) -> Ideas:
    """The nearest legal values, or the usual ones, in the place of what is not legal."""
    kind = place.node.kind
    if not isinstance(kind, Misset):
        return
    declared = [fault.name for fault in kind.faults if fault.param is not None]
    if len(kind.faults) == len(declared) == 1:
        for mended in (kind.nearest, kind.meant):
            yield set_param(place.node, declared[0], getattr(mended, declared[0]))
        return
    titles = (
        [Message("Take the nearest legal values"), Message("Take the usual values")]
        if declared
        else [Message("Drop {settings}", settings=", ".join(fault.name for fault in kind.faults))]
    )
    for title, mended in zip(titles, (kind.nearest, kind.meant), strict=False):
        yield Repair(title, (Step("set_kind", {"id": place.node.id, "kind": mended}),))


@ideas(UNKNOWN_KIND)
def unknown_kind(place: Place) -> Ideas:
    ids = {"ids": (place.node.id,)}
    yield Repair(Message("Remove it and join the wires"), (Step("dissolve", ids),))
    yield Repair(Message("Remove it"), (Step("remove", ids),))
