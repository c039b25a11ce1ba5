"""Small projects to train in tests."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from engine import edits
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds import Layer, registry
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe


def layer(name: str, **values: Any) -> Layer:
    """A layer by its kind's name."""
    return registry(Layer)[name](**values)


def source(name: str) -> Source:
    """A data set by its name."""
    return registry(Source)[name]()


def chain(*layers: Layer, data: str = "Iris", title: str = "Net", **recipe: Any) -> Project:
    """A project whose layers follow one another, from an Input to the last of them."""
    recipe = {"threads": 1, "device": "cpu", **recipe}
    project = Project(Graph(title), DataSettings(source=source(data)), Recipe(**recipe))
    before = ""
    for kind in (layer("Input"), *layers):
        id = edits.new_id(project.graph)
        project = edits.add(project, id, kind)
        if before:
            project = edits.connect(project, before, "out", id, kind.ports()[0].name)
        before = id
    return project


def table(data: str = "Iris", out: int = 3, width: int = 16, loss: Any = None, **recipe: Any) -> Project:
    """A small network for a table, with the layers whose steps depend on chance and on what went before."""
    end = layer("Output") if loss is None else layer("Output", loss=loss)
    return chain(
        layer("Linear", out_features=width),
        layer("BatchNorm1d"),
        layer("ReLU"),
        layer("Dropout", rate=0.2),
        layer("Linear", out_features=out),
        end,
        data=data,
        **recipe,
    )


def with_recipe(project: Project, **changes: Any) -> Project:
    """The same project trained otherwise."""
    return edits.set_recipe(project, evolve(project.recipe, **changes))


def node(project: Project, name: str) -> str:
    """The id of the layer of that name."""
    return next(id for id, one in project.graph.nodes.items() if one.name == name)
