"""Painting: it never raises, is sharp at every scale of the screen, and shows what it should."""

from __future__ import annotations

import pytest
from attrs import evolve
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication

from engine import edits
from engine.analysis.check import check
from engine.kinds import Layer, Unknown, layer_from_json, registry
from engine.message import Message
from engine.project.graph import Graph, Node
from engine.project.layout import TALL
from engine.project.project import Project
from engine.templates import template
from gui.canvas.geometry.camera import Camera
from gui.canvas.geometry.scene import Scene
from gui.canvas.painting import brief, ink
from gui.canvas.painting.frame import LINES, Detail, Frame, Mark, detail
from gui.canvas.painting.ground import ground
from gui.canvas.painting.labels import Labels, NodeLabel, own_name
from gui.canvas.painting.painter import Painter
from gui.canvas.painting.thumbnail import picture
from gui.canvas.widget import CanvasWidget
from gui.document.workspace import Workspace
from gui.style import theme, tokens
from gui.style.apply import apply
from tests.gui.canvas.canvas_story import Hand, chain, kind

SCALES = (1.6, 1.0, 0.75, 0.69, 0.4, 0.3, 0.27, 0.1)


def every_kind() -> Project:
    """One node of each kind there is, one of a kind that nobody knows, one with an illegal setting."""
    project = chain()
    nodes = [
        Node(f"k{i}", cls(), f"{cls.__name__} {i}", 260.0 * (i % 9), 80.0 * (i // 9) + 200, muted=i % 7 == 0)
        for i, cls in enumerate(registry(Layer).values())
    ]
    lost = Unknown({"kind": "SpikingLIF"}, Message("plug-in snn-kinds is not there"))
    nodes.append(Node("lost", lost, "snn1", -300, 200))
    nodes.append(Node("wrong", layer_from_json({"kind": "ELU", "alpha": "much"}), "elu9", -300, 300))
    return evolve(project, graph=project.graph.with_nodes(nodes))


def painted(frame: Frame, ratio: float = 1.0) -> QImage:
    """The picture of a frame."""
    image = QImage(round(frame.width * ratio), round(frame.height * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    frame.ratio = ratio
    painter = QPainter(image)
    Painter().paint(painter, frame)
    assert painter.end()
    return image


def frame_of(project: Project, worn: tokens.Theme = tokens.DARK, known: bool = True) -> Frame:
    """A frame of a project, with what is known about it."""
    scene, labels = Scene(), Labels()
    scene.show(project.graph)
    labels.know(check(project) if known else None)
    frame = Frame(worn, scene, labels, width=900, height=700)
    frame.camera = Camera().fitting(scene.bounds() or (0, 0, 1, 1), 900, 700)
    return frame


@pytest.mark.parametrize(
    "worn", [tokens.DARK, tokens.LIGHT, tokens.DARK.high_contrast()], ids=lambda t: t.name
)
def test_every_kind_is_painted_at_every_scale_in_every_state(gui: QApplication, worn: tokens.Theme) -> None:
    frame = frame_of(every_kind(), worn)
    ids = list(frame.scene.ids)
    box = frame.scene.bounds()
    assert box is not None
    for scale in SCALES:
        frame.camera = Camera(box[0] - 40, box[1] - 20, scale)
        for states in range(2):
            if states:
                frame.selection, frame.faint = frozenset(ids[::2]), frozenset(ids[::5])
                frame.hovered, frame.focus, frame.stale = ids[1], ids[3], True
                frame.marks = {i: list(Mark)[i % 4] for i in range(0, len(frame.scene.places), 2)}
            painted(frame)
    assert {detail(scale) for scale in SCALES} == set(Detail)


def test_a_network_of_which_nothing_is_known_is_painted(gui: QApplication) -> None:
    painted(frame_of(every_kind(), known=False))
    painted(frame_of(evolve(chain(), graph=Graph())))


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_edges_lie_on_the_pixels_of_the_screen(gui: QApplication, ratio: float) -> None:
    """A node's body meets the ground within two device pixels: nothing is smeared."""
    project = chain(kind("Conv2d"))
    frame = frame_of(project)
    for scale in (1.0, 0.85):
        frame.camera = Camera(-100.3, -50.7, scale)
        image = painted(frame, ratio)
        node = project.graph.nodes["n2"]
        x, y = frame.camera.to_screen(node.x + 236, node.y + 40)
        row, column = round(y * ratio), round(x * ratio)
        inside = image.pixelColor(column - round(5 * ratio), row)
        outside = image.pixelColor(column + round(6 * ratio), row)
        assert inside == tokens.DARK.node
        mixed = [
            image.pixelColor(column + i, row)
            for i in range(-round(4 * ratio), round(5 * ratio))
            if image.pixelColor(column + i, row) not in (inside, outside)
        ]
        assert 1 <= len(mixed) <= 3


def test_a_trunk_is_one_straight_line(gui: QApplication) -> None:
    frame = frame_of(chain(kind("Conv2d"), kind("ReLU")))
    frame.camera = Camera(-200, -20, 1.0)
    image = painted(frame)
    top, bottom = frame.scene.routes[1, [1, 8]]
    x = round(frame.scene.routes[1, 0] + 200)
    y = round((top + bottom) / 2 + 20)
    colours = {image.pixelColor(x, y + i).name() for i in range(-3, 4)}
    assert colours == {tokens.DARK.wire.name()}


SMALL = (0.28, 0.34, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.78, 0.81)
"""Scales at which a node says what there is room for."""


def told(label: NodeLabel, scale: float, wide: float = 236.0, tall: float = TALL) -> dict[str, brief.Piece]:
    """What a node of that size says, by what it tells."""
    return {piece.tells: piece for piece in brief.pieces(label, scale, wide * scale, tall * scale)}


def test_no_text_is_smaller_than_nine_pixels(gui: QApplication) -> None:
    assert min(ink.face(role).pixelSize() for role in ("hint", "body", "title", "shape")) * LINES >= 9
    assert min(ink.face(role).pixelSize() for role in ("small", "tiny")) >= 9


@pytest.mark.parametrize("name", ["digits-cnn", "digits-resnet", "digits-densenet", "digits-vit"])
def test_kind_and_repetition_stay_at_every_scale_and_shapes_from_a_half_on(
    gui: QApplication, name: str
) -> None:
    frame = frame_of(template(name).project())
    for id, (*_, wide, tall) in zip(frame.scene.ids, frame.scene.rects.tolist(), strict=True):
        label = frame.labels.of(frame.scene.graph.nodes[id])
        for scale in SMALL:
            says = told(label, scale, wide, tall)
            letter = 9 * brief.CAPITAL
            if tall * scale < letter + 3:
                assert says == {}, "it would stand over its edges"
                continue
            assert says["kind"].text[:4] == label.title[:4]
            assert says["kind"].text == label.title or scale < 0.6
            assert ("times" in says) == bool(label.times)
            assert "shape" in says or not label.shape or scale < 0.5
            lines: dict[float, float] = {}
            for piece in sorted(says.values(), key=lambda piece: piece.left):
                assert piece.left >= lines.get(piece.baseline, 0.0)
                lines[piece.baseline] = piece.left + piece.line.width
                assert letter + 1 <= piece.baseline <= tall * scale - 1
            assert max(lines.values()) <= wide * scale


def test_what_has_no_room_goes_in_order_the_second_line_the_name_the_shape(gui: QApplication) -> None:
    label = NodeLabel("Conv2d", "stem", "3×3, 64 filters, pad 1", "N×64×14×14", "18,496", times="×3")
    for tall in (28.0, TALL):
        gone: list[str] = []
        for wide in range(420, 40, -1):
            says = {piece.tells for piece in brief.pieces(label, 0.55, wide, tall * 0.55)}
            gone += [one for one in ("second", "name", "shape") if one not in says and one not in gone]
            assert {"kind", "times"} <= says
        assert gone == ["second", "name", "shape"]


def test_a_long_shape_is_shortened_rather_than_left_out(gui: QApplication) -> None:
    """In a wide font the whole of it has no room beside the kind in a low node at a half."""
    label, shortened = NodeLabel("MaxPool2d", "maxpool1", "2×2", "N×1,024×128×128", ""), set()
    for wide in range(60, 240):
        says = {piece.tells: piece for piece in brief.pieces(label, 0.5, wide, 14.0)}
        kind = says["kind"]
        room = wide - max(brief.RIGHT * 0.5, 3.0) - kind.left - kind.line.width - brief.GAP
        assert ("shape" in says) == (room > brief.LEAST)
        shortened |= {says["shape"].text} if "shape" in says else set()
    assert {"1,024×128×128", "N×1,024×128×128"} <= shortened
    assert any(text.endswith("…") for text in shortened)


def test_a_repeated_block_shows_how_often_even_far_away(gui: QApplication) -> None:
    project = template("digits-densenet").project()
    frame, once = frame_of(project), frame_of(project)
    once.labels.of = lambda node: NodeLabel("", "")  # type: ignore[method-assign]
    for scale, same in ((0.27, False), (0.2, False), (0.1, True)):
        frame.camera = once.camera = Camera(-300, -50, scale)
        assert (painted(frame) == painted(once)) is same


def test_far_away_a_node_is_a_rectangle_in_its_family_colour(gui: QApplication) -> None:
    project = chain(kind("Conv2d"))
    frame = frame_of(project)
    frame.camera = Camera(-800, -800, 0.2)
    image = painted(frame)
    node = project.graph.nodes["n2"]
    x, y = frame.camera.to_screen(node.x + 30, node.y + 26)
    assert image.pixelColor(round(x), round(y)) == tokens.DARK.families["convolution"]


def test_labels_say_what_comes_out_and_what_is_wrong(gui: QApplication) -> None:
    project = chain(kind("Conv2d", out_channels=8, padding=1), kind("MaxPool2d"), kind("Linear"))
    labels = Labels()
    labels.know(check(project))
    graph = project.graph
    conv, pool, linear = (labels.of(graph.nodes[id]) for id in ("n2", "n3", "n4"))
    assert (conv.title, conv.name, conv.shape, conv.count) == ("Conv2d", "conv1", "N×8×8×8", "80")
    assert conv.second.startswith("3×3, 8 filters")
    assert (pool.name, pool.second) == ("2×2", "")
    assert linear.problem
    assert linear.shape == "wants N×features"
    assert linear.count == "?"
    assert labels.problem("n4") is not None
    first, last = labels.of(graph.nodes["n1"]), labels.of(graph.nodes["n5"])
    assert (first.shape, first.count) == ("N×1×8×8", "1,797 samples")
    labels.know(check(chain(kind("Flatten"), kind("Linear", out_features=10))))
    judged = labels.of(chain(kind("Flatten"), kind("Linear", out_features=10)).graph.nodes["n4"])
    assert (judged.shape, judged.second) == ("cross-entropy", "10 classes, accuracy")
    assert last.title == "Output"
    labels.know(check(project))
    named = edits.rename(project, "n3", "shrink")
    assert labels.of(named.graph.nodes["n3"]).name.startswith("shrink")
    assert own_name(named.graph.nodes["n3"])
    assert not own_name(graph.nodes["n3"])


def test_the_widget_paints_itself_and_its_wishes(gui: QApplication, qtbot: object) -> None:
    canvas = CanvasWidget(Workspace())
    qtbot.addWidget(canvas)  # type: ignore[attr-defined]
    canvas.animations.motion = False
    canvas.resize(600, 400)
    canvas.show()
    empty = canvas.grab().toImage()
    assert _colours(empty) >= {tokens.DARK.canvas.name()}
    canvas.workspace.new(every_kind())
    full = canvas.grab().toImage()
    assert full != empty
    hand = Hand(canvas)
    canvas.viewport.fit()
    assert hand.canvas.rect().contains(hand.on("lost"))
    assert "layers" in canvas.accessibleDescription()
    apply(gui, "light")
    light = canvas.grab().toImage()
    assert tokens.LIGHT.canvas.name() in _colours(light)
    assert tokens.DARK.canvas.name() not in _colours(light)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_layer_shines_through_the_title(gui: QApplication, qtbot: object, scale: float) -> None:
    apply(gui, "dark", scale)
    canvas = CanvasWidget(Workspace(every_kind()))
    qtbot.addWidget(canvas)  # type: ignore[attr-defined]
    canvas.animations.motion = False
    canvas.resize(900, 600)
    canvas.show()
    x, y, _, _ = canvas.scene.rects[0].tolist()
    canvas.viewport.look_from(Camera(x + 20, y + 10, 4.0))  # one layer fills the corner
    image = canvas.grab().toImage()
    left, baseline = theme.px(16), theme.px(28)
    below = baseline + QFontMetrics(theme.font("card")).descent() + 1
    assert QColor(image.pixel(left, below)).name() == tokens.DARK.canvas.name()
    assert QColor(image.pixel(left, below + theme.px(12))).name() == tokens.DARK.node.name()


def _colours(image: QImage) -> set[str]:
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(0, image.width(), 7)
        for y in range(0, image.height(), 7)
    }


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_thumbnail_shows_families_in_the_card_s_size(gui: QApplication, ratio: float) -> None:
    made = picture(
        chain(kind("Conv2d"), kind("Flatten"), kind("Linear")).graph, QSize(298, 222), tokens.DARK, ratio
    )
    assert made.size() == QSize(298, 222) * ratio
    image = made.toImage()
    found = {
        QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(0, image.height(), 2)
    }
    for family in ("convolution", "combine", "dense", "io"):
        assert tokens.DARK.families[family].name() in found
    assert not picture(Graph(), QSize(100, 80), tokens.LIGHT).isNull()
    assert not picture(every_kind().graph, QSize(100, 80), tokens.LIGHT).isNull()


def test_an_illegal_setting_does_not_hide_what_a_layer_is(gui: QApplication) -> None:
    frame = frame_of(every_kind())
    node = frame.scene.graph.nodes["wrong"]
    label = frame.labels.of(node)
    assert (label.title, node.kind.family) == ("ELU", "activation")
    assert "Alpha: expected a number" in label.second


def test_the_ground_covers_a_view_that_ends_within_a_pixel(gui: QApplication) -> None:
    view = QImage(152, 152, QImage.Format.Format_RGB32)  # 101 × 101 at 150 %: 151.5 pixels
    view.setDevicePixelRatio(1.5)
    view.fill(0)
    painter = QPainter(view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground(painter, theme.current(), Camera(), 101, 101, 1.5)
    painter.end()
    wanted = theme.current().canvas.rgb()
    assert view.pixel(151, 100) == view.pixel(100, 151) == wanted
