"""Edits of a block's definition: whatever is changed, every use of the block follows."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import evolve

from engine import kinds
from engine.edits import graph as edits
from engine.kinds import Layer
from engine.kinds.identifiers import free, identifier
from engine.message import Refused
from engine.project.blocks import Block, Exposed, Newcomers, Use, clash
from engine.project.graph import Graph, Node, Wire, node_of
from engine.project.project import Inside, Project

if TYPE_CHECKING:
    from engine.kinds.shapes import Shape


def inside(project: Project, path: Iterable[str], edit: Callable[..., Project], **arguments: Any) -> Project:
    """Make an edit inside a block: `path` are the ids of the nodes that lead to it. Raises `Refused` as the
    edit itself does.
    """
    path = tuple(path)
    if not path or edit is redefine:
        return edit(project, **arguments)
    return within(project, path, lambda inner: edit(inner, **arguments))


def within(
    project: Project,
    path: Iterable[str],
    change: Callable[[Project], Project],
    given: tuple[tuple[str, Shape | None], ...] = (),
) -> Project:
    """Change the definition of the block at the end of a path by any function from project to project. It is
    handed the inside, with what arrives at the Entries where that is `given`.
    """
    block = used_at(project.graph, path).block
    changed = change(Inside(block.graph, project.data, project.recipe, given))
    graph = _without_clashes(changed.graph, block.graph, project.graph)
    project = evolve(project, data=changed.data, recipe=changed.recipe)
    return redefine(project, block, _with_graph(block, _in_step(block, graph)))


def redefine(project: Project, old: Block, new: Block) -> Project:
    """Put another definition in the place of a block, at every use of it. Wires to inputs and outputs that it
    does not have are taken away.
    """
    if any(block.name == old.name for block in new.within):
        raise Refused("{name} cannot stand inside itself", name=old.name)
    graph = _Replacing(old, new).graph(project.graph)
    problem = clash(graph.nodes.values())
    if problem is not None:
        raise Refused(problem)
    return evolve(project, graph=graph)


def rename_block(project: Project, path: Iterable[str], name: str) -> Project:
    """Give the block that a node uses another name, which becomes its class in the code."""
    block = used_at(project.graph, path).block
    renamed = edits.set_title(evolve(project, graph=block.graph), name).graph
    return redefine(project, block, evolve(block, graph=renamed))


def detach(project: Project, id: str, name: str | None = None) -> Project:
    """Give a node a definition of its own, which no longer follows that of the others."""
    graph = project.graph
    use = used_at(graph, (id,))
    known = graph.blocks
    title = free(use.block.name if name is None else name.strip(), known, " ")
    own = edits.set_title(evolve(project, graph=use.block.graph), title).graph
    return edits.set_kind(project, id, use.of(evolve(use.block, graph=own)))


def expose(project: Project, path: Iterable[str], node: str, param: str, name: str | None = None) -> Project:
    """Let each use of a block choose a setting of a layer inside. `path` leads to the block, `node` is the
    layer's id there. A name that the block offers already chooses for this layer, too, from now on.
    """
    block = used_at(project.graph, path).block
    layer = node_of(block.graph, node)
    if all(found.name != param for found in kinds.params(layer.kind)):
        raise Refused("{layer} has no setting {param}", layer=layer.name, param=param)
    if any((one.node, one.param) == (node, param) for one in block.exposed):
        raise Refused("{layer} offers that setting already", layer=layer.name)
    taken = {*keyword.kwlist, *dir(Use), *(one.name for one in block.exposed), "block", "repeat", "values"}
    if name is None:
        name = param if param not in taken else free(f"{identifier(layer.name)}_{param}", taken)
    elif name in {one.name for one in block.exposed}:
        return redefine(project, block, _offered_together(block, Exposed(name, node, param)))
    if not name.isidentifier() or name in taken or name.startswith("_"):
        raise Refused(
            "expected a name of letters, digits and _ that no other setting has, received {name}",
            name=repr(name),
        )
    return redefine(project, block, evolve(block, exposed=(*block.exposed, Exposed(name, node, param))))


def unexpose(project: Project, path: Iterable[str], name: str, node: str | None = None) -> Project:
    """Keep a setting inside the block: all its uses have the definition's value again. Where a `node` is
    given, that layer's alone.
    """
    block = used_at(project.graph, path).block
    exposed = tuple(one for one in block.exposed if one.name != name or node not in {None, one.node})
    if exposed == block.exposed:
        raise Refused("{block} does not offer a setting {name}", block=block.name, name=name)
    return redefine(project, block, evolve(block, exposed=exposed))


def used_at(graph: Graph, path: Iterable[str]) -> Use:
    """The use of a block at the end of a path of ids. Raises `Refused` where the path leads to none."""
    use: Use | None = None
    for id in path:
        node = node_of(graph if use is None else use.block.graph, id)
        if not isinstance(node.kind, Use):
            raise Refused("{name} is not a block", name=node.name)
        use = node.kind
    if use is None:
        raise Refused("expected the way to a block")
    return use


# --------------------------------------------------------------------------- following


def companions(block: Block, node: str, param: str) -> tuple[str, ...]:
    """The offered settings that this one of a layer can be chosen together with: those of its type."""
    mine = block.param(Exposed(param, node, param))
    return tuple(one.name for one in block.params if mine is not None and type(one.type) is type(mine.type))


def _offered_together(block: Block, one: Exposed) -> Block:
    """The block with one more layer whose setting follows those of that name."""
    first = next(block.param(other) for other in block.exposed if other.name == one.name)
    assert first is not None
    layer = block.graph.nodes[one.node].name
    if one.name not in companions(block, one.node, one.param):
        raise Refused(
            "{name} is another kind of setting than {param} of {layer}",
            name=one.name,
            param=one.param,
            layer=layer,
        )
    return evolve(block, graph=_set(block.graph, one, first.default), exposed=(*block.exposed, one))


def _in_step(block: Block, graph: Graph) -> Graph:
    """What is offered under one name stays equal: where it was changed at one layer, the others follow."""
    after = evolve(block, graph=graph)
    names = Counter(one.name for one in block.exposed)
    for one in block.exposed:
        before, now = block.param(one), after.param(one)
        if names[one.name] > 1 and before is not None and now is not None and before.default != now.default:
            for other in block.exposed:
                if other.name == one.name and after.param(other) is not None:
                    graph = _set(graph, other, now.default)
    return graph


def _set(graph: Graph, one: Exposed, value: object) -> Graph:
    kind = kinds.changed(graph.nodes[one.node].kind, one.param, value)
    return graph.with_nodes(evolve(graph.nodes[id], kind=kind) for id in graph.alike(one.node))


def _with_graph(block: Block, graph: Graph) -> Block:
    """The block with another inside. What it exposed and no longer has is forgotten."""
    changed = evolve(block, graph=graph)
    exposed = tuple(one for one in block.exposed if changed.param(one) is not None)
    return changed if exposed == block.exposed else evolve(changed, exposed=exposed)


def _without_clashes(graph: Graph, before: Graph, whole: Graph) -> Graph:
    """Blocks that an edit inside brought in must not take the names of others in the whole project."""
    newcomers = Newcomers({**whole.blocks, **before.blocks})
    known = set(before.blocks.values())
    changed = [
        evolve(node, kind=newcomers.adopt(node.kind))
        for node in graph.nodes.values()
        if any(block not in known for block in node.kind.blocks)
    ]
    return graph.with_nodes(changed) if changed else graph


class _Replacing:
    """Replaces a definition everywhere in a graph, also inside other blocks."""

    def __init__(self, old: Block, new: Block) -> None:
        self._blocks = {old: new}
        self._uses: dict[Use, Use] = {}

    def graph(self, graph: Graph) -> Graph:
        """The graph with the new definition in it, and its wires at the new names of inputs and outputs."""
        changed: list[Node] = []
        ends: dict[str, dict[str, str]] = {}
        for node in graph.nodes.values():
            kind = self._kind(node.kind)
            if kind is not node.kind and isinstance(node.kind, Use) and isinstance(kind, Use):
                changed.append(evolve(node, kind=kind))
                before, after = node.kind.block.ends, kind.block.ends
                if before != after:
                    ends[node.id] = {name: after[id] for id, name in before.items() if id in after}
        if not changed:
            return graph
        graph = graph.with_nodes(changed)
        return graph if not ends else graph.with_wires(tuple(_renamed_ends(graph.wires, ends)))

    def _kind(self, kind: Layer) -> Layer:
        if not isinstance(kind, Use):
            return kind
        if kind not in self._uses:
            block = self._block(kind.block)
            self._uses[kind] = kind if block is kind.block else kind.of(block)
        return self._uses[kind]

    def _block(self, block: Block) -> Block:
        if block not in self._blocks:
            graph = self.graph(block.graph)
            self._blocks[block] = block if graph is block.graph else _with_graph(block, graph)
        return self._blocks[block]


def _renamed_ends(wires: Iterable[Wire], ends: dict[str, dict[str, str]]) -> Iterable[Wire]:
    for wire in wires:
        output, input = wire.output, wire.input
        if wire.source in ends:
            output = ends[wire.source].get(output, "")
        if wire.target in ends:
            input = ends[wire.target].get(input, "")
        if output and input:
            yield (
                wire
                if (output, input) == (wire.output, wire.input)
                else Wire(wire.source, output, wire.target, input)
            )
