"""Draws a network in a few lines of code, as the templates and the tests do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine import edits, layout
from engine.blocks import Block, Use
from engine.data.settings import DataSettings
from engine.graph import Graph, Project
from engine.kinds import Layer
from engine.layers.block_ends import Entry, Exit
from engine.recipe import Recipe
from engine.sharing import share


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

    def repeat(self, block: Block, *sources: str | tuple[str, str], times: int = 1) -> str:
        """Use a block, so many times in a row. Gives the id of the use."""
        return self.add(Use(block=block, repeat=times), *sources)

    def project(self) -> Project:
        """What was drawn, laid out."""
        return edits.place(self._project, layout.tidy(self._project.graph))


def block(name: str, draw: Callable[..., str], inputs: Sequence[str] = ("x",), output: str = "out") -> Block:
    """A block of that name. `draw` is handed a sketch and the id of each input, and gives that of the result.

    block("Twice", lambda inner, x: inner.chain(x, Linear(out_features=64), Linear(out_features=64)))
    """
    inner = Sketch(name)
    entries = [inner.add(Entry(), name=one) for one in inputs]
    inner.add(Exit(), draw(inner, *entries), name=output)
    return Block(inner.project().graph)
