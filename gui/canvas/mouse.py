"""Mouse on the canvas: what lies under the pointer, and which gesture begins there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.project.graph import Wire
from gui.canvas.block_commands import Blocks
from gui.canvas.edits.fitting import End
from gui.canvas.geometry.places import TOUCH
from gui.canvas.painting.frame import Detail, detail
from gui.canvas.tools.cut import CutTool
from gui.canvas.tools.move import MoveTool
from gui.canvas.tools.pan import PanTool
from gui.canvas.tools.select import BoxTool, combined
from gui.canvas.tools.tool import Pointer, Tool
from gui.canvas.tools.wire import WireTool, nearest_end

if TYPE_CHECKING:
    from gui.document.workspace import Workspace

WIRE_REACH = 6.0
GRIP = 6.0
"""How near a port must be, in canvas px, to be taken before a wire that ends there."""
END_REACH = 26.0
"""How near its end, in px of the view, a wire must be taken to be led elsewhere."""


class Gestures(Blocks):
    """Hands each press to the tool that it begins. At most one tool is at work."""

    inspect = Signal(object)
    """The id of a layer whose settings are wanted now."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        self.tool: Tool | None = None
        self.current: str | None = None
        self._pressed: tuple[Pointer, str] | None = None
        self._hover: tuple[int | None, str | None, Wire | None] = (None, None, None)
        self._space = False
        self._by_keys = False
        self._knife = False
        self._clicked = False
        super().__init__(workspace, parent)

    def dismiss(self) -> None:
        """Close what stands open over the canvas."""

    def search(self, pointer: Pointer, end: End | None = None, wire: Wire | None = None) -> None:
        """Open the search: for what could come at an end of a wire, into a wire, or anywhere."""

    # ------------------------------------------------------------------ tools

    def begin(self, tool: Tool) -> None:
        """Let a gesture begin; one that is at work is given up."""
        self._drop_gesture()
        self.tool = tool
        self._point_with(tool.cursor)
        self.update()

    def _drop_gesture(self) -> None:
        tool, self.tool, self._pressed = self.tool, None, None
        if tool is not None:
            tool.cancel()
            self._point_with(Qt.CursorShape.ArrowCursor)
            self.update()

    def _point_with(self, shape: Qt.CursorShape) -> None:
        if shape is Qt.CursorShape.ArrowCursor and self._space:
            shape = Qt.CursorShape.OpenHandCursor
        self.setCursor(shape)

    def take_knife(self) -> None:
        """The next drag cuts wires."""
        self._knife = True
        self._point_with(Qt.CursorShape.CrossCursor)

    def pointer(self, place: QPointF, held: Qt.KeyboardModifier) -> Pointer:
        """A place of the view with the keys held."""
        modifier = Qt.KeyboardModifier
        return Pointer(
            place.x(),
            place.y(),
            self.camera.to_world(place.x(), place.y()),
            bool(held & modifier.ShiftModifier),
            bool(held & modifier.ControlModifier),
            bool(held & modifier.AltModifier),
        )

    def end_at(self, index: int) -> End:
        """The port at a place of the scene."""
        place = self.scene.places[index]
        return End(self.scene.ids[int(self.scene.place_row[index])], place.port, place.entry)

    # ------------------------------------------------------------------ mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._by_keys = False
        self._clicked = True
        pointer = self.pointer(event.position(), event.modifiers())
        self.dismiss()
        button = Qt.MouseButton
        if event.button() == button.MiddleButton or (event.button() == button.LeftButton and self._space):
            self.begin(PanTool(self, pointer))
        elif event.button() == button.LeftButton:
            self._press(pointer)

    def _press(self, pointer: Pointer) -> None:
        if self._knife or (pointer.ctrl and pointer.shift):
            self._knife = False
            self.begin(CutTool(self, pointer))
            return
        index, id, wire = self.under(pointer)
        if index is not None:
            self._take_port(index, pointer)
        elif id is not None:
            self._take_node(id, pointer)
        elif wire is not None:
            self._take_wire(wire, pointer)
        else:
            self.begin(BoxTool(self, pointer))

    def _take_port(self, index: int, pointer: Pointer) -> None:
        end = self.end_at(index)
        if end.entry and self.scene.wired[index]:
            row = int(self.scene.wire_places[:, 1].tolist().index(index))
            wire = self.scene.wires[row]
            self.begin(WireTool(self, pointer, End(wire.source, wire.output, False), wire))
        else:
            self.begin(WireTool(self, pointer, end))

    def _take_node(self, id: str, pointer: Pointer) -> None:
        document = self.document
        self.current = id
        if pointer.shift or pointer.ctrl:
            document.select(combined(document.selection, frozenset({id}), pointer), document.wire_selection)
        elif id not in document.selection:
            document.select({id})
        self._pressed = (pointer, id) if id in document.selection else None

    def _take_wire(self, wire: Wire, pointer: Pointer) -> None:
        document = self.document
        if pointer.shift or pointer.ctrl:
            wires = document.wire_selection
            document.select(
                document.selection, wires - {wire} if wire in wires and pointer.ctrl else wires | {wire}
            )
            return
        document.select((), {wire})
        stays, gap = nearest_end(self, wire, pointer.at)
        if gap * self.camera.scale <= END_REACH:
            self.begin(WireTool(self, pointer, stays, wire))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self.pointer(event.position(), event.modifiers())
        if self._pressed is not None and pointer.far_from(self._pressed[0]):
            start, id = self._pressed
            self.begin(MoveTool(self, start, id))
        if self.tool is not None:
            self.tool.move(pointer)
        elif not event.buttons():
            self._hover_at(pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pointer = self.pointer(event.position(), event.modifiers())
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        tool, pressed = self.tool, self._pressed
        self.tool, self._pressed = None, None
        if tool is not None:
            tool.release(pointer)
            self._point_with(Qt.CursorShape.ArrowCursor)
        elif pressed is not None and not (pointer.shift or pointer.ctrl):
            self.document.select({pressed[1]})
        self._hover_at(pointer)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._clicked:
            return
        pointer = self.pointer(event.position(), event.modifiers())
        index, id, wire = self.under(pointer)
        if index is not None:
            self.search(pointer, self.end_at(index))
        elif id is not None:
            self._take_node(id, pointer)
            self._pressed = None
            if not self.document.enter(id):
                self.inspect.emit(id)
        elif wire is not None:
            self.search(pointer, wire=wire)
        else:
            self.search(pointer)

    def under(self, pointer: Pointer) -> tuple[int | None, str | None, Wire | None]:
        """What lies under the pointer: a port's place, a node, or a wire. At most one is given.

        Ports come first, but a wire between neighbours is shorter than its ports reach: off the nodes, what
        is on a wire and not on the very port belongs to the wire.
        """
        scene = self.scene
        id = scene.node_at(*pointer.at)
        wire = scene.wire_at(*pointer.at, WIRE_REACH / self.camera.scale) if id is None else None
        if detail(self.camera.scale) is Detail.NEAR:
            index = scene.place_at(*pointer.at, TOUCH if wire is None else GRIP)
            if index is not None:
                return index, None, None
        return None, id, wire

    def _hover_at(self, pointer: Pointer) -> None:
        found = self.under(pointer) if self.rect().contains(QPoint(int(pointer.x), int(pointer.y))) else None
        found = found or (None, None, None)
        if found != self._hover:
            self._hover = found
            self._point_with(
                Qt.CursorShape.CrossCursor
                if found[0] is not None or self._knife
                else Qt.CursorShape.ArrowCursor
            )
            self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """A click that brings the canvas into sight is no first half of a double click on it."""
        self._clicked = False
        super().showEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = (None, None, None)
        self.update()
