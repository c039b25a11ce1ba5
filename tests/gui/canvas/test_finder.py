"""The search at the pointer: what it offers, in which order, and what Enter does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.kinds import Layer, registry
from engine.kinds.shapes import N, Shape
from engine.project.blocks import Use
from engine.project.layout import height
from engine.templates import blocks
from gui.canvas.edits.search_request import usual_line
from gui.canvas.overlays.finder import Finder
from gui.canvas.widget import CanvasWidget
from gui.document.workspace import Workspace
from tests.gui.canvas.canvas_story import LEFT, NONE, SHIFT, Hand, chain, kind

Key = Qt.Key


@pytest.fixture
def hand(gui: QApplication, qtbot: object) -> Hand:
    """A hand on n1 Input, n2 Conv2d, n3 Flatten, n4 Linear, n5 Output."""
    import torch  # noqa: F401  (once it is there, a small network is checked at once)

    layers = (kind("Conv2d", out_channels=8, padding=1), kind("Flatten"), kind("Linear", out_features=10))
    canvas = CanvasWidget(Workspace(chain(*layers)))
    qtbot.addWidget(canvas)  # type: ignore[attr-defined]
    canvas.animations.motion = False
    canvas.resize(1100, 800)
    canvas.show()
    canvas.setFocus()
    return Hand(canvas)


def names(finder: Finder) -> list[str]:
    """What is offered, in order."""
    return [candidate.kind.label() for candidate in finder.results]


def test_tab_opens_it_and_every_layer_is_there(hand: Hand) -> None:
    hand.key(Key.Key_Tab)
    finder = hand.canvas.overlays.finder
    assert finder.isVisible()
    assert finder.field.hasFocus()
    made = {block.name for block in blocks.blocks()}
    assert set(names(finder)) == {cls.label() for cls in registry(Layer).values()} | made
    QTest.keyClick(finder.field, Key.Key_Escape)
    assert not finder.isVisible()
    assert hand.canvas.hasFocus()


def test_what_usually_follows_comes_first_and_rarities_last(hand: Hand) -> None:
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Tab)
    offered = names(hand.canvas.overlays.finder)
    assert set(offered[:4]) == {"BatchNorm2d", "ReLU", "MaxPool2d", "Conv2d"}
    assert offered[:2] == ["BatchNorm2d", "ReLU"]
    made = [offered.index(block.name) for block in blocks.blocks()]
    assert offered.index("Tanh") < min(made) < max(made) < offered.index("LPPool2d")
    hand.key(Key.Key_Escape)
    hand.canvas.workspace.new(chain(kind("Conv1d")))
    hand.canvas.level.select({"n2"})
    hand.key(Key.Key_Tab)
    assert {"BatchNorm1d", "Conv1d", "ReLU"} <= set(names(hand.canvas.overlays.finder)[:9])


def test_what_a_network_begins_with_comes_first_where_there_is_none(hand: Hand) -> None:
    hand.canvas.level.select(hand.graph.nodes)
    hand.key(Key.Key_Delete)
    hand.key(Key.Key_Tab)
    assert names(hand.canvas.overlays.finder)[0] == "Input"


@pytest.mark.parametrize(
    ("width", "tall", "scale"),
    [
        (1200, 800, 1.0),
        (1100, 580, 0.6),
        (1000, 580, 1.0),
        (760, 450, 1.0),
        (700, 450, 0.6),
        (1000, 580, 1.6),
        (600, 500, 1.0),
        (700, 500, 1.0),
    ],
)
@pytest.mark.parametrize("id", ["n2", "n4"])
def test_it_covers_neither_the_ghost_nor_what_it_hangs_on(
    hand: Hand, width: int, tall: int, scale: float, id: str
) -> None:
    canvas = hand.canvas
    canvas.resize(width, tall)
    canvas.viewport.look_from(canvas.viewport.camera.at_scale(scale, width / 2, tall / 2))
    canvas.level.select({id})
    hand.key(Key.Key_Tab)
    finder, places = canvas.overlays.finder, set()
    for chosen in range(0, len(finder.results), 12):
        finder.choose(chosen)
        assert finder.ghost is not None
        made, (x, y) = finder.ghost
        ghost = QRect(hand.world(x, y), hand.world(x + 236, y + height(made)))
        left, top, right, bottom = canvas.scene.bounds([id]) or (0, 0, 0, 0)
        source = QRect(hand.world(left, top), hand.world(right, bottom))
        assert canvas.rect().contains(finder.geometry())
        assert not finder.geometry().intersects(ghost)
        assert not finder.geometry().intersects(source)
        assert canvas.rect().contains(ghost) or chosen
        places.add((finder.x(), finder.y()))
    assert len(places) == 1 or width < 1100  # it stands aside again only where it is narrow
    canvas.grab()


def test_the_line_of_code_names_what_arrives(gui: QApplication) -> None:
    every = [cls() for cls in registry(Layer).values()] + [Use(block=block) for block in blocks.blocks()]
    shapes = [Shape((N, *dims)) for dims in ((64, 14, 14), (64,), (50, 64), (16, 50))]
    lines = {usual_line(one, shape) for one in every for shape in shapes}
    assert {"y = a + b", "nn.ReLU()", "y = x.flatten(1)", "ConvolutionBlock()", ""} <= lines
    assert not [line for line in lines if "{" in line]


def test_letters_match_in_order_and_are_known(hand: Hand) -> None:
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Tab)
    finder = hand.canvas.overlays.finder
    QTest.keyClicks(finder.field, "apool")
    assert "AvgPool2d" in names(finder)[:3]
    best = finder.results[0]
    assert [best.kind.label()[i].lower() for i in best.match.letters] == list("apool")


def test_what_does_not_fit_comes_last_and_says_why(hand: Hand) -> None:
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Tab)
    finder = hand.canvas.overlays.finder
    QTest.keyClicks(finder.field, "pool")
    fits = [candidate.fits for candidate in finder.results]
    assert fits == sorted(fits, reverse=True)
    by_name = {candidate.kind.label(): candidate.outcome for candidate in finder.results}
    assert str(by_name["MaxPool2d"]) == "N×8×4×4"
    assert "N×C×L" in str(by_name["MaxPool1d"])


def test_what_is_called_by_its_whole_name_comes_first_even_where_it_does_not_fit(hand: Hand) -> None:
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Tab)
    finder = hand.canvas.overlays.finder
    QTest.keyClicks(finder.field, "lstm")
    assert names(finder)[0] == "LSTM"
    assert not finder.results[0].fits


@pytest.mark.parametrize(("typed", "meant"), [("remember", "LSTM"), ("halve", "MaxPool2d")])
def test_it_finds_by_what_a_layer_does(hand: Hand, typed: str, meant: str) -> None:
    hand.key(Key.Key_Tab)
    QTest.keyClicks(hand.canvas.overlays.finder.field, typed)
    assert meant in names(hand.canvas.overlays.finder)


def test_nothing_found_is_said_and_enter_does_nothing(hand: Hand) -> None:
    before = hand.graph
    hand.key(Key.Key_Tab)
    finder = hand.canvas.overlays.finder
    QTest.keyClicks(finder.field, "zzzz")
    assert finder.results == []
    hand.canvas.grab()
    QTest.keyClick(finder.field, Key.Key_Return)
    assert hand.graph is before


def test_enter_places_and_wires_after_the_selected_layer(hand: Hand) -> None:
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Tab)
    finder = hand.canvas.overlays.finder
    QTest.keyClicks(finder.field, "relu")
    QTest.keyClick(finder.field, Key.Key_Return)
    assert {("n2", "n6"), ("n6", "n3")} <= hand.wires()
    assert hand.canvas.level.selection == {"n6"}
    hand.canvas.level.undo()
    assert "n6" not in hand.graph.nodes


def test_shift_enter_only_places(hand: Hand) -> None:
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Tab)
    QTest.keyClicks(hand.canvas.overlays.finder.field, "relu")
    QTest.keyClick(hand.canvas.overlays.finder.field, Key.Key_Return, SHIFT)
    assert "n6" in hand.graph.nodes
    assert not hand.graph.incoming("n6")


def place_misfit(hand: Hand) -> None:
    """Ask for a Linear after the convolution, which gives it a picture."""
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Tab)
    QTest.keyClicks(hand.canvas.overlays.finder.field, "linear")
    QTest.keyClick(hand.canvas.overlays.finder.field, Key.Key_Return)


def test_what_does_not_fit_is_placed_and_a_way_to_wire_it_offered(hand: Hand) -> None:
    place_misfit(hand)
    bubble = hand.canvas.overlays.bubble
    assert not hand.canvas.overlays.finder.isVisible()
    assert bubble.isVisible()
    assert bubble.accessibleName() == "Linear expects N×features, but receives N×8×8×8"
    hand.ways_out()
    hand.canvas.grab()
    QTest.keyClick(bubble, Key.Key_1)
    assert {("n2", "n7"), ("n7", "n6"), ("n2", "n3")} <= hand.wires()
    assert hand.node("n7").kind.label() == "Flatten"
    hand.canvas.level.undo()
    assert not hand.graph.incoming("n6")
    hand.canvas.level.undo()
    assert "n6" not in hand.graph.nodes


def test_esc_leaves_what_does_not_fit_where_it_covers_nothing(hand: Hand) -> None:
    place_misfit(hand)
    QTest.keyClick(hand.canvas.overlays.bubble, Key.Key_Escape)
    assert not hand.canvas.overlays.bubble.isVisible()
    assert not hand.graph.incoming("n6")
    new = hand.node("n6")
    assert all(abs(new.x - one.x) >= 236 for one in hand.graph.nodes.values() if one is not new)


def test_a_layer_that_waits_for_another_wire_gets_its_first(hand: Hand) -> None:
    hand.click(hand.on("n3"))
    hand.key(Key.Key_Tab)
    QTest.keyClicks(hand.canvas.overlays.finder.field, "bilinear")
    QTest.keyClick(hand.canvas.overlays.finder.field, Key.Key_Return)
    assert ("n3", "n6") in hand.wires()
    assert not hand.canvas.overlays.bubble.isVisible()


def test_arrows_choose_and_a_click_takes(hand: Hand) -> None:
    hand.key(Key.Key_Tab)
    finder = hand.canvas.overlays.finder
    QTest.keyClicks(finder.field, "conv")
    QTest.keyClick(finder.field, Key.Key_Down)
    QTest.keyClick(finder.field, Key.Key_Down)
    assert finder.chosen == 2
    for _ in range(40):
        QTest.keyClick(finder.field, Key.Key_Down)
    assert finder.chosen == len(finder.results) - 1
    QTest.keyClick(finder.field, Key.Key_PageUp)
    finder.choose(0)
    meant = finder.results[1].kind
    QTest.mouseClick(finder, LEFT, NONE, QPoint(100, 44 + 6 + 36 + 18))
    assert hand.node("n6").kind == meant


def test_a_wire_dropped_in_empty_space_asks_what_comes_there(hand: Hand) -> None:
    place = QPoint(950, 420)
    hand.drag(hand.out("n2"), QPoint(800, 300), place)
    finder = hand.canvas.overlays.finder
    assert finder.isVisible()
    QTest.keyClicks(finder.field, "maxpool2")
    QTest.keyClick(finder.field, Key.Key_Return)
    assert ("n2", "n6") in hand.wires()
    x, y = hand.canvas.viewport.camera.to_world(place.x(), place.y())
    assert (hand.node("n6").x + 118, hand.node("n6").y) == pytest.approx((x, y), abs=2)


def test_a_wire_pulled_from_an_input_asks_what_comes_before(hand: Hand) -> None:
    hand.drop("Linear", QPoint(950, 600))
    hand.drag(hand.port("n6"), QPoint(900, 300), QPoint(900, 250))
    QTest.keyClicks(hand.canvas.overlays.finder.field, "flatten")
    QTest.keyClick(hand.canvas.overlays.finder.field, Key.Key_Return)
    assert ("n7", "n6") in hand.wires()


def test_a_double_click_on_a_wire_inserts_there(hand: Hand) -> None:
    hand.drag(hand.on("n5"), hand.on("n5") + QPoint(0, 60))
    middle = (hand.out("n4") + hand.port("n5")) / 2
    hand.double_click(middle)
    assert hand.canvas.overlays.finder.isVisible()
    QTest.keyClicks(hand.canvas.overlays.finder.field, "dropout")
    QTest.keyClick(hand.canvas.overlays.finder.field, Key.Key_Return)
    assert {("n4", "n6"), ("n6", "n5")} <= hand.wires()


def test_a_click_beside_closes_it(hand: Hand) -> None:
    hand.double_click(QPoint(60, 300))
    assert hand.canvas.overlays.finder.isVisible()
    hand.click(QPoint(1050, 60))
    assert not hand.canvas.overlays.finder.isVisible()
