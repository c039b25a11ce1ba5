"""A network on the iris data with one layer, and a plug-in whose layer has a module of its own."""

from __future__ import annotations

from typing import Any

from engine import kinds
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds import Layer
from engine.layers.input_output import Input, Output
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.project.recipe import Recipe

HEAD = """
from engine.api import BlockEnd, Layer, Loss, declare, param
from engine.api import expression, module
from engine.api import port
"""
GATE = (
    HEAD
    + """
@declare(family="dense")
class Gate(Layer):
    '''A module of its own.'''
    width: int = param(3, lo=1, doc="How wide")
    x = port("N F", doc="a row")
    modules = '''
import math
from torch import nn

class GateModule(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.map = nn.Linear(size, width)

    def forward(self, x):
        return F.relu(self.map(x)) * math.pi
'''

    def torch(self, x):
        return module("GateModule", x.F, self.width)
"""
)


def project(kind: Layer, title: str = "Network") -> Project:
    nodes = [Node("i", Input(), "in"), Node("k", kind, "mine"), Node("o", Output(), "out")]
    wires = (Wire("i", "out", "k", "x"), Wire("k", "out", "o", "x"))
    iris = kinds.from_json({"kind": "Iris"}, Source)
    return Project(
        Graph(title, {node.id: node for node in nodes}, wires), DataSettings(source=iris), Recipe()
    )


def made(name: str, **settings: Any) -> Layer:
    return kinds.registry(Layer)[name](**settings)
