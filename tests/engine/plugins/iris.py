"""A network on the iris data with one layer."""

from __future__ import annotations

from typing import Any

from engine import kinds
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds import Layer
from engine.layers.ends import Input, Output
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.project.recipe import Recipe


def project(kind: Layer, title: str = "Network") -> Project:
    nodes = [Node("i", Input(), "in"), Node("k", kind, "mine"), Node("o", Output(), "out")]
    wires = (Wire("i", "out", "k", "x"), Wire("k", "out", "o", "x"))
    iris = kinds.from_json({"kind": "Iris"}, Source)
    return Project(
        Graph(title, {node.id: node for node in nodes}, wires), DataSettings(source=iris), Recipe()
    )


def made(name: str, **settings: Any) -> Layer:
    return kinds.registry(Layer)[name](**settings)
