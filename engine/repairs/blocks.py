"""Ways out at the ends of blocks, and for shared weights."""

from __future__ import annotations

from engine.analysis.problems import MISPLACED_INSIDE, NO_EXIT, WEIGHTS_DIFFER
from engine.analysis.results import Analysis
from engine.kinds import Layer
from engine.layers.block_ends import Entry, Exit
from engine.layers.input_output import Input, Output
from engine.message import Message
from engine.repairs.ideas import ideas, network_ideas
from engine.repairs.network import add_below, usual_loss
from engine.repairs.repair import single
from engine.repairs.site import Ideas, Site


@network_ideas(NO_EXIT)
def no_exit(analysis: Analysis) -> Ideas:
    """An Exit after one of the layers at which the block ends, the lowest first."""
    graph = analysis.project.graph
    ends = [n for n in graph.nodes.values() if n.kind.outputs and not graph.outgoing(n.id)]
    ends.sort(key=lambda n: -n.y)
    for node in ends[:3]:
        yield add_below(graph, node, Message("Add an Exit after {name}", name=node.name), Exit())


@ideas(MISPLACED_INSIDE)
def misplaced(site: Site) -> Ideas:
    """What stands in its place on this side of the block's wall."""
    schema = site.analysis.schema
    pairs: dict[type[Layer], Layer] = {Input: Entry(), Output: Exit(), Entry: Input()}
    if schema is not None:
        pairs[Exit] = Output(loss=usual_loss(schema)[0])
    other = pairs.get(type(site.node.kind))
    if other is not None:
        title = Message("Change it to {kind}", kind=other.label())
        yield single(title, "set_kind", id=site.node.id, kind=other)
    yield single(Message("Remove {name}", name=site.node.name), "remove", ids=(site.node.id,))


@ideas(WEIGHTS_DIFFER)
def weights_differ(site: Site) -> Ideas:
    """Weights of its own for one of the two."""
    title = Message("Give {name} weights of its own", name=site.node.name)
    yield single(title, "unshare", id=site.node.id)
