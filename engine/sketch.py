"""Draws a network in a few lines of code, as the templates and the tests do."""

from __future__ import annotations

from engine import edits, layout
from engine.data.settings import DataSettings
from engine.graph import Graph, Project
from engine.kinds import Layer
from engine.recipe import Recipe


class Sketch:
    """A project that grows layer by layer.

    sketch = Sketch("Digits MLP", DataSettings())
    x = sketch.add(Input())
    x = sketch.add(Linear(out_features=10), x)
    sketch.add(Output(), x)
    """

    def __init__(self, name: str, data: DataSettings | None = None, recipe: Recipe | None = None) -> None:
        self._project = Project(Graph(name), data or DataSettings(), recipe or Recipe())

    def add(self, kind: Layer, *sources: str | tuple[str, str], name: str | None = None) -> str:
        """Add a layer and wire it to the layers before it; a pair names one of several outputs. Gives its id.

        The sources go to its ports in order; a port that takes many takes all that remain.
        """
        id = edits.new_id(self._project.graph)
        self._project = edits.add(self._project, id, kind, name=name)
        ports = kind.ports()
        for i, source in enumerate(sources):
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

    def project(self) -> Project:
        """What was drawn, laid out."""
        return edits.place(self._project, layout.tidy(self._project.graph))
