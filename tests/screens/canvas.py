"""The canvas: gestures half way, what opens over it, and the anatomy of a node."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine import edits
from engine.analysis.check import check
from engine.kinds import Unknown
from engine.message import Message
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from gui.canvas import menus
from gui.canvas.geometry.camera import Camera
from gui.canvas.geometry.scene import Scene
from gui.canvas.painting.frame import Frame
from gui.canvas.painting.labels import Labels
from gui.canvas.painting.painter import Painter
from gui.canvas.tools.drop import MIME
from gui.canvas.tools.wire import draw_loose
from gui.style import theme
from tests.gui.canvas.canvas_story import LEFT, NONE, chain, kind
from tests.screens.stage import Stage


def apart() -> Project:
    """A picture, and layers that want it and that do not: n2 Conv2d, n3 MaxPool2d, beside them the rest."""
    project = chain(kind("Conv2d", out_channels=32, padding=1), kind("MaxPool2d"))
    project = edits.disconnect(project, project.graph.outgoing("n3"))
    for id, layer, x, y in (
        ("n5", kind("Linear", out_features=10), -260, 250),
        ("n6", kind("LSTM"), 290, 60),
        ("n7", kind("Conv2d", out_channels=64, padding=1), 290, 160),
        ("n8", kind("Flatten"), 290, 250),
    ):
        project = edits.add(project, id, layer, (x, y))
    project = edits.set_title(edits.connect(project, "n5", "out", "n4", "x"), "Digits CNN")
    return edits.place(project, {"n4": (-260.0, 350.0)})


def opened(stage: Stage) -> None:
    """The layers that stand apart, at 100 %."""
    stage.open(apart())
    left, top, right, bottom = stage.canvas.scene.bounds() or (0, 0, 0, 0)
    canvas = stage.canvas
    canvas.viewport.look_from(
        Camera((left + right) / 2 - canvas.width() / 2, (top + bottom) / 2 - canvas.height() / 2, 1.0)
    )
    stage.settle()


def wire_dragging(stage: Stage) -> Iterator[object]:
    """A wire in the hand, near the port that it snaps to."""
    opened(stage)
    hand = stage.hand
    hand.hold(hand.out("n3"), hand.port("n7") + QPoint(-30, -60), hand.port("n7") + QPoint(-3, -4))
    yield (stage.window,)
    hand.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(stage.canvas, LEFT, NONE, hand.port("n7"))


def refusal(stage: Stage) -> Iterator[object]:
    """A wire that does not fit, let go."""
    opened(stage)
    hand = stage.hand
    hand.drag(hand.out("n3"), hand.port("n5"))
    yield (stage.window,)
    QTest.keyClick(stage.canvas.overlays.bubble, Qt.Key.Key_Escape)


def finder(stage: Stage) -> Iterator[object]:
    """What could follow the selected layer."""
    stage.open("digits-cnn", "n2")
    stage.canvas.viewport.zoom_reset()
    stage.canvas.viewport.reveal(["n2"])
    stage.settle()
    stage.hand.key(Qt.Key.Key_Tab)
    QTest.keyClicks(stage.canvas.overlays.finder.field, "apool")
    yield (stage.window,)
    QTest.keyClick(stage.canvas.overlays.finder.field, Qt.Key.Key_Escape)


def finder_nothing(stage: Stage) -> Iterator[object]:
    """Nothing called that."""
    stage.open("digits-mlp", "n2")
    stage.hand.key(Qt.Key.Key_Tab)
    QTest.keyClicks(stage.canvas.overlays.finder.field, "xyzzy")
    yield (stage.window,)
    QTest.keyClick(stage.canvas.overlays.finder.field, Qt.Key.Key_Escape)


def palette_drag(stage: Stage) -> Iterator[object]:
    """A layer from the palette over a wire."""
    stage.open("digits-mlp")
    hand, canvas = stage.hand, stage.canvas
    place = (hand.out("n2") + hand.port("n3")) / 2
    data = QMimeData()
    data.setData(MIME, b"BatchNorm1d")
    for event in (QDragEnterEvent, QDragMoveEvent):
        QApplication.sendEvent(canvas, event(place, Qt.DropAction.CopyAction, data, LEFT, NONE))
    yield (stage.window,)
    QApplication.sendEvent(canvas, QDragLeaveEvent())


def hover(stage: Stage) -> Iterator[object]:
    """The pointer on a node of a network with a skip."""
    stage.open("digits-resnet")
    QTest.mouseMove(stage.canvas, stage.hand.on("n6"))
    yield (stage.window,)
    QTest.mouseMove(stage.canvas, QPoint(5, 5))


def hover_wire(stage: Stage) -> Iterator[object]:
    """The pointer on a wire: its shape."""
    stage.open("digits-cnn")
    stage.canvas.viewport.zoom_reset()
    stage.settle()
    QTest.mouseMove(stage.canvas, (stage.hand.out("n6") + stage.hand.port("n7")) / 2)
    yield (stage.window,)
    QTest.mouseMove(stage.canvas, QPoint(5, 5))


def box_select(stage: Stage) -> Iterator[object]:
    """A box drawn around layers."""
    stage.open("digits-resnet")
    canvas = stage.canvas
    stage.hand.hold(QPoint(60, 160), QPoint(canvas.width() - 120, canvas.height() // 2))
    yield (stage.window,)
    stage.hand.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(5, 5))


def rename(stage: Stage) -> Iterator[object]:
    """A layer gets another name."""
    stage.open("digits-cnn", "n2")
    stage.hand.key(Qt.Key.Key_F2)
    yield (stage.window,)
    stage.canvas.overlays.renaming.finish()


def menu_node(stage: Stage) -> Iterator[object]:
    """What can be done with a node."""
    stage.open("digits-cnn", "n2")
    place = stage.hand.on("n2")
    menu = menus.build(stage.canvas, stage.canvas.mouse.pointer(QPointF(place), NONE), stage.canvas)
    menu.popup(stage.canvas.mapToGlobal(place))
    yield (stage.window, menu)
    menu.close()


def anatomy(stage: Stage) -> Iterator[object]:
    """All states and levels of detail, side by side."""

    def drawn() -> QImage:
        image = QImage(1200, 760, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.fillRect(image.rect(), theme.current().canvas)
        _states(painter)
        _levels(painter)
        painter.end()
        return image

    yield drawn


STATES = (
    "Normal",
    "Hover",
    "Selected",
    "Problem",
    "Keyboard focus",
    "Left out",
    "Muted",
    "Unknown kind",
    "Faint",
)


def _states(painter: QPainter) -> None:
    """One node for each state, two beside each other."""
    project, conv = chain(), kind("Conv2d", out_channels=64, padding=1)
    project = edits.remove(project, list(project.graph.nodes))
    nodes = [Node("in", kind("Input"), "input", -900, 0), Node("end", kind("Output"), "output", -900, 300)]
    wires = []
    for place, state in enumerate(STATES):
        layer = conv
        if state == "Problem":
            layer = kind("LSTM")
        if state == "Unknown kind":
            layer = Unknown({"kind": "SpikingLIF"}, Message("plug-in snn-kinds is not there"))
        x, y = 288.0 * (place % 2), 88.0 * (place // 2)
        nodes.append(Node(state, layer, f"conv{place}", x, y, muted=state == "Muted"))
        wires.append(Wire("in", "out", state, layer.ports()[0].name if layer.ports() else "x"))
        if state != "Left out" and layer.outputs:
            wires.append(Wire(state, layer.outputs[0], "end", "x"))
    frame = _frame(evolve(project, graph=Graph("States", {node.id: node for node in nodes}, tuple(wires))))
    frame.camera, frame.width, frame.height = Camera(-40, -60, 1.0), 620, 540
    frame.hovered, frame.selection, frame.focus = "Hover", frozenset({"Selected"}), "Keyboard focus"
    frame.faint = frozenset({"Faint"})
    frame.hidden = frozenset(wires)
    Painter().paint(painter, frame)
    painter.setFont(theme.font("hint"))
    painter.setPen(theme.current().text2)
    for place, state in enumerate(STATES):
        painter.drawText(40 + 288 * (place % 2), 52 + 88 * (place // 2), state)


def _levels(painter: QPainter) -> None:
    """The same network from near to far, and loose wires."""
    branch = chain(kind("Conv2d", out_channels=64, padding=1), kind("ReLU"), kind("Add"), kind("MaxPool2d"))
    branch = edits.connect(branch, "n2", "out", "n4", branch.graph.nodes["n4"].kind.ports()[0].name)
    frame = _frame(branch)
    box = frame.scene.bounds() or (0, 0, 0, 0)
    for scale, left, top in (
        (1.0, 640, 0), (0.75, 920, 0), (0.66, 640, 440), (0.5, 816, 440), (0.3, 950, 440), (0.2, 1060, 440)
    ):  # fmt: skip
        frame.camera = Camera(box[0] - 8 / scale, box[1] - 48 / scale, scale)
        frame.width, frame.height = (box[2] - box[0]) * scale + 16, (box[3] - box[1]) * scale + 60
        part = QImage(round(frame.width), round(frame.height), QImage.Format.Format_RGB32)
        with QPainter(part) as inner:
            Painter().paint(inner, frame)
        painter.drawImage(left, top, part)
        painter.setFont(theme.font("hint"))
        painter.setPen(theme.current().text2)
        painter.drawText(left + 8, top + 30, f"{scale:.0%}")
    frame.camera = Camera(-40, -560, 1.0)
    for x, refused in ((40.0, False), (160.0, True)):
        draw_loose(painter, frame, (x, 600.0), (x + 70, 720.0), refused=refused)


def _frame(project: Project) -> Frame:
    scene, labels = Scene(), Labels()
    scene.show(project.graph)
    labels.know(check(project))
    return Frame(theme.current(), scene, labels)


SCREENS = {
    "wire-dragging": wire_dragging,
    "refusal": refusal,
    "finder": finder,
    "finder-nothing": finder_nothing,
    "palette-drag": palette_drag,
    "hover-node": hover,
    "hover-wire": hover_wire,
    "box-select": box_select,
    "rename": rename,
    "menu-node": menu_node,
    "node-anatomy": anatomy,
}
