"""Networks for the panels' tests, and how to wait for what they show."""

from __future__ import annotations

import pytest
import torch  # noqa: F401  (so that every check is made at once)
from attrs import evolve
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.data.settings import DataSettings
from engine.kinds import Layer
from engine.layers.activation import ReLU
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.layers.pooling import MaxPool2d
from engine.layers.reshape import Flatten
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe
from gui.document.workspace import Workspace


def chain(*kinds: Layer, name: str = "Network") -> Project:
    """Layers one below the other, wired; their ids are n1, n2 …"""
    project = Project(Graph(name), DataSettings(), Recipe())
    for place, kind in enumerate(kinds, 1):
        project = edits.add(project, f"n{place}", kind, (0, 70 * place))
        if place > 1:
            project = edits.connect(project, f"n{place - 1}", "out", f"n{place}", "x")
    return project


def cnn() -> Project:
    """A sound network for the digits: input, convolution, ReLU, pooling, flatten, linear, output."""
    return chain(
        Input(),
        Conv2d(out_channels=8, padding=1),
        ReLU(),
        MaxPool2d(),
        Flatten(),
        Linear(out_features=10),
        Output(),
        name="Digits CNN",
    )


def broken() -> Project:
    """The same without the Flatten: the linear layer does not fit."""
    return edits.dissolve(cnn(), ["n5"])


def opened(project: Project) -> Workspace:
    """A workspace with the project, checked."""
    workspace = Workspace(project)
    if not workspace.current.fresh:
        pytest.fail("a small network is checked at once while torch is there")
    return workspace


def shown(qtbot: QtBot, widget: QWidget, width: int = 320, height: int = 700) -> None:
    """Put a panel on the (offscreen) screen and let its first refresh pass."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    breathe(qtbot)


def breathe(qtbot: QtBot) -> None:
    """Let timers that wait for nothing fire."""
    for _ in range(3):
        qtbot.wait(1)


def kind_of(workspace: Workspace, id: str) -> Layer:
    return workspace.current.project.graph.nodes[id].kind


def with_data(project: Project, data: DataSettings) -> Project:
    return evolve(project, data=data)
