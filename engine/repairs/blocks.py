"""Ways out at the ends of blocks, and for shared weights."""

from __future__ import annotations

from engine.analysis.problems import MISPLACED_INSIDE, NO_EXIT, WEIGHTS_DIFFER
from engine.analysis.results import Analysis
from engine.kinds import Layer
from engine.layers.block_ends import Entry, Exit
from engine.layers.ends import Input, Output
from engine.message import Message
from engine.repairs.ideas import ideas, network_ideas
from engine.repairs.network import after, natural
from engine.repairs.repair import Repair, Step
from engine.repairs.site import Ideas, Place


@network_ideas(NO_EXIT)
def no_exit(analysis: Analysis) -> Ideas:
    graph = analysis.project.graph
    ends = [n for n in graph.nodes.values() if n.kind.outputs and not graph.outgoing(n.id)]
    ends.sort(key=lambda n: -n.y)
    for node in ends[:3]:
        yield after(graph, node, Message("Add an Exit after {name}", name=node.name), Exit())


@ideas(MISPLACED_INSIDE)
def misplaced(place: Place) -> Ideas:
    """What stands in its place on this side of the block's wall."""
    schema = place.analysis.schema
    pairs: dict[type[Layer], Layer] = {Input: Entry(), Output: Exit(), Entry: Input()}
    if schema is not None:
        pairs[Exit] = Output(loss=natural(schema)[0])
    other = pairs.get(type(place.node.kind))
    if other is not None:
        step = Step("set_kind", {"id": place.node.id, "kind": other})
        yield Repair(Message("Change it to {kind}", kind=other.label()), (step,))
    yield Repair(Message("Remove {name}", name=place.node.name), (Step("remove", {"ids": (place.node.id,)}),))


@ideas(WEIGHTS_DIFFER)
def weights_differ(place: Place) -> Ideas:
    """Weights of its own for one of the two."""
    step = Step("unshare", {"id": place.node.id})
    yield Repair(Message("Give {name} weights of its own", name=place.node.name), (step,))
