"""A canvas on a real workspace, and a hand that works on it by mouse and keyboard as a person does."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.kinds import Layer, registry
from engine.project.graph import Graph, Node
from engine.project.project import Project
from engine.repairs.repair import Repair
from engine.templates.builder import Sketch
from gui.canvas.tools.drop import MIME
from gui.canvas.widget import CanvasWidget

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def kind(name: str, **settings: object) -> Layer:
    """A layer by its class name."""
    return registry(Layer)[name](**settings)


def chain(*kinds: Layer) -> Project:
    """A network in one column: an input, these layers, an output. The ids are n1, n2 …"""
    sketch = Sketch("Chain")
    last = sketch.add(kind("Input"))
    last = sketch.chain(last, *kinds)
    sketch.add(kind("Output"), last)
    return sketch.project()


class Hand:
    """Presses, drags and types on a canvas. Places are ids, ports or points of the view."""

    def __init__(self, canvas: CanvasWidget) -> None:
        self.canvas = canvas

    @property
    def graph(self) -> Graph:
        """The document's graph now."""
        return self.canvas.level.project.graph

    def node(self, id: str) -> Node:
        """A node of the document now."""
        return self.graph.nodes[id]

    def wires(self) -> set[tuple[str, str]]:
        """The wires of the document, as pairs of ids."""
        return {(wire.source, wire.target) for wire in self.graph.wires}

    def ways_out(self) -> tuple[Repair, ...]:
        """What the bubble offers, once it is found."""
        bubble = self.canvas.overlays.bubble
        if bubble.seeking:
            loop = QEventLoop()
            bubble.offered.connect(loop.quit)
            QTimer.singleShot(20_000, loop, loop.quit)
            loop.exec()
        assert not bubble.seeking
        return bubble.repairs

    # ------------------------------------------------------------------ places

    def on(self, id: str, dx: float = 70.0, dy: float = 14.0) -> QPoint:
        """A place on a node, away from its ports."""
        x, y, _, _ = self.canvas.scene.rects[self.canvas.scene.row[id]].tolist()
        return self.world(x + dx, y + dy)

    def port(self, id: str, name: str = "", entry: bool = True, slot: int = -1) -> QPoint:
        """A port of a node, its first one unless it is named."""
        scene = self.canvas.scene
        row = scene.row[id]
        for index in range(scene.first_place[row], scene.first_place[row + 1]):
            place = scene.places[index]
            if place.entry == entry and name in ("", place.port) and slot in (-1, place.slot):
                return self.world(*scene.place_xy[index].tolist())
        raise AssertionError(f"{id} has no such port")

    def out(self, id: str) -> QPoint:
        """The output of a node."""
        return self.port(id, entry=False)

    def world(self, x: float, y: float) -> QPoint:
        """The place in the view of canvas coordinates."""
        left, top = self.canvas.viewport.camera.to_screen(x, y)
        return QPoint(round(left), round(top))

    # ------------------------------------------------------------------ mouse and keys

    def click(self, place: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        """Press and let go."""
        QTest.mouseClick(self.canvas, LEFT, held, place)

    def double_click(self, place: QPoint) -> None:
        """Click, and once more at once."""
        self.click(place)
        QTest.mouseDClick(self.canvas, LEFT, NONE, place)  # is the second press alone

    def drag(self, start: QPoint, *stops: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        """Press, move by way of the stops, and let go at the last."""
        self.hold(start, *stops, held=held)
        QTest.mouseRelease(self.canvas, LEFT, held, stops[-1])

    def hold(self, start: QPoint, *stops: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        """Press and move without letting go."""
        QTest.mousePress(self.canvas, LEFT, held, start)
        for stop in (start + QPoint(2, 3), *stops):
            QTest.mouseMove(self.canvas, stop)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        """Press a key while the canvas has the keyboard."""
        QTest.keyClick(self.canvas, key, held)

    def drop(self, text: str, place: QPoint) -> None:
        """Drag a kind in from the palette."""
        data = QMimeData()
        data.setData(MIME, text.encode())
        action, buttons = Qt.DropAction.CopyAction, LEFT
        point = QPointF(place)
        for event in (
            QDragEnterEvent(place, action, data, buttons, NONE),
            QDragMoveEvent(place, action, data, buttons, NONE),
            QDropEvent(point, action, data, buttons, NONE),
        ):
            QApplication.sendEvent(self.canvas, event)
