"""Draws a network in a few lines of code, as the templates and the tests do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import edits
from engine.data.settings import DataSettings
from engine.edits.sharing import share
from engine.kinds import Layer
from engine.layers.block_ends import Entry, Exit
from engine.project import layout
from engine.project.blocks import Block, Exposed, Use
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe


class Sketch:
    """A project that grows layer by layer.

    sketch = Sketch("Digits MLP", DataSettings())
    x = sketch.add(Input())
    x = sketch.add(Linear(out_features=10), x)
    sketch.add(Output(), x)
    """

    def __init__(self, name: str, data: DataSettings | None = None, recipe: Recipe | None = None) -> None:
        self._project = Project(Graph(name), data or DataSettings(), recipe or Recipe())

    def add(self, kind: Layer, *sources: str | tuple[str, str] | None, name: str | None = None) -> str:
        """Add a layer and wire it to the layers before it; a pair names one of several outputs, None leaves
        a port free. Gives its id.

        The sources go to its ports in order; a port that takes many takes all that remain.
        """
        id = edits.new_id(self._project.graph)
        self._project = edits.add(self._project, id, kind, name=name)
        ports = kind.ports()
        for i, source in enumerate(sources):
            if source is None:
                continue
            before, output = source if isinstance(source, tuple) else (source, "")
            output = output or self._project.graph.nodes[before].kind.outputs[0]
            port = ports[min(i, len(ports) - 1)]
            self._project = edits.connect(self._project, before, output, id, port.name)
        return id

    def chain(self, source: str, *kinds: Layer) -> str:
        """Add layers one after the other. Gives the id of the last."""
        for kind in kinds:
            source = self.add(kind, source)
        return source

    def share(self, id: str, owner: str) -> None:
        """Let a layer use the weights of another."""
        self._project = share(self._project, id, owner)

    def repeat(
        self,
        block: Block,
        *sources: str | tuple[str, str],
        times: int = 1,
        name: str | None = None,
        **values: Any,
    ) -> str:
        """Use a block, so many times in a row, with its own values of what the block offers. Gives the id of
        the use.
        """
        return self.add(Use(block=block, repeat=times, values=tuple(values.items())), *sources, name=name)

    def project(self) -> Project:
        """What was drawn, laid out."""
        return edits.place(self._project, layout.tidy(self._project.graph))


def block(
    name: str,
    draw: Callable[..., str],
    inputs: Sequence[str] = ("x",),
    output: str = "out",
    offers: Mapping[str, Sequence[str]] | None = None,
) -> Block:
    """A block of that name. `draw` is handed a sketch and the id of each input, and gives that of the result.
    `offers` says which settings each use may choose: their names, and the layers' settings that they stand
    for, such as `conv1.out_channels`.

    block("Twice", lambda inner, x: inner.chain(x, Linear(out_features=64), Linear(out_features=64)))
    """
    inner = Sketch(name)
    entries = [inner.add(Entry(), name=one) for one in inputs]
    inner.add(Exit(), draw(inner, *entries), name=output)
    graph = inner.project().graph
    ids = {node.name: id for id, node in graph.nodes.items()}
    places = [(name, *one.split(".")) for name, ones in (offers or {}).items() for one in ones]
    return Block(graph, tuple(Exposed(name, ids[layer], param) for name, layer, param in places))
