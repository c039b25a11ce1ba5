"""Ctrl F: a layer is found by its name, its kind or a setting, also inside blocks, and shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.project.blocks import Use
from engine.templates import template
from gui.commands.layer_search import LayerSearch, fit, layers
from gui.window.window import Window

NETWORK = template("digits-squeezenet").project()
PLAIN = template("digits-resnet").project()


@pytest.fixture
def window(gui: object, qtbot: QtBot) -> Window:
    """A window on a network of blocks."""
    made = Window(held=True)
    qtbot.addWidget(made, before_close_func=_close_all)
    made.resize(1400, 900)
    made.start(NETWORK)
    made.show()
    qtbot.waitExposed(made)
    made.session.canvas.animations.motion = False
    return made


def _close_all(window: Window) -> None:
    for document in window.session.workspace.documents:
        window.session.workspace.close(document)


def names(typed: str) -> list[str]:
    """The names of the layers of a residual network that fit, best first."""
    hits = [hit for found in layers(PLAIN.graph) if (hit := fit(typed, found)) is not None]
    return [hit.found.node.name for hit in sorted(hits, key=lambda hit: -hit.score)]


def test_every_layer_is_listed_once_those_of_a_block_by_way_of_its_first_use() -> None:
    found = list(layers(NETWORK.graph))
    uses = [node.kind for node in NETWORK.graph.nodes.values() if isinstance(node.kind, Use)]
    definitions = {use.block.name: use.graph for use in uses}
    assert len(uses) > len(definitions) > 0
    inner = sum(len(graph.nodes) for graph in definitions.values())
    assert len(found) == len(NETWORK.graph.nodes) + inner


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("conv2", "conv2 conv1 conv3 conv4 conv5 shortcut"),
        ("shortcut", "shortcut"),
        ("maxpool", "pool1"),
        ("kernel 1", "shortcut"),
        ("conv kernel 1x1", "shortcut"),
        ("out_channels=64", "conv4 conv5 shortcut"),
        ("32 filters", "conv1 conv2 conv3"),
        ("cross", "output1"),
        ("stride 2", ""),
        ("xyzzy", ""),
    ],
)
def test_it_finds_by_name_kind_and_setting(gui: object, typed: str, found: str) -> None:
    assert names(typed) == found.split()


def test_enter_opens_the_block_and_shows_the_layer_in_the_middle(window: Window, qtbot: QtBot) -> None:
    session = window.session
    canvas, level = session.canvas, session.workspace.current.level
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = QApplication.activePopupWidget()
    assert isinstance(search, LayerSearch)
    qtbot.keyClicks(search.field, "conc")
    search.grab()
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    assert [level.project.graph.nodes[id].kind.label() for id in level.selection] == ["Concatenate"]
    assert len(level.path) == 1
    left, top, right, bottom = canvas.scene.bounds(level.selection) or (0, 0, 0, 0)
    x, y = canvas.viewport.camera.to_screen((left + right) / 2, (top + bottom) / 2)
    assert (x, y) == pytest.approx((canvas.width() / 2, canvas.height() / 2), abs=2)
    assert canvas.viewport.camera.scale >= 0.7


def test_the_same_kind_where_one_stands_comes_first_and_nothing_found_is_said(window: Window) -> None:
    level = window.session.workspace.current.level
    use = next(id for id, node in NETWORK.graph.nodes.items() if isinstance(node.kind, Use))
    level.open((use,))
    search = LayerSearch(window.session)
    search.search("relu")
    search.list.item(0).setSelected(True)
    search.trigger(search.list.item(0))
    assert level.path == (use,)
    search = LayerSearch(window.session)
    search.search("xyzzy")
    assert search.list.count() == 0
    assert not search.nothing.isHidden()
    search.close()
