"""The context menus of the canvas, of nodes and of wires, made from short lists of lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from attrs import frozen
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from engine.project.blocks import Use
from engine.project.graph import Wire
from gui.canvas import bindings
from gui.canvas.bindings import Binding, Canvas
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.wire import end_at
from gui.style import icons

_ = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)


@frozen(eq=False)
class MenuLine:
    """A line of a menu: a title, an icon, and the binding that it runs and whose keys it shows, or what else
    it does at the pointer.
    """

    title: str
    icon: str = ""
    binding: Binding | None = None
    run: Callable[[Canvas, Pointer], object] | None = None
    enabled: Callable[[Canvas], bool] = lambda canvas: True


def _network(canvas: Canvas) -> bool:
    return bool(canvas.scene.ids)


def _clipboard(canvas: Canvas) -> bool:
    return bool(QGuiApplication.clipboard().text().strip())


def _inside(canvas: Canvas) -> bool:
    return bool(canvas.level.path)


def _weighted(canvas: Canvas) -> bool:
    return any(canvas.block_commands.has_weights(id) for id in canvas.level.selection)


SEPARATOR = MenuLine("")
CANVAS: Sequence[MenuLine] = (
    MenuLine(
        _("Canvas", "Add a layer…"), "plus", bindings.SEARCH, lambda canvas, pointer: canvas.search(pointer)
    ),
    MenuLine(
        _("Canvas", "Paste"),
        "",
        bindings.PASTE,
        lambda canvas, pointer: canvas.edit_commands.paste_at(pointer.at),
        enabled=_clipboard,
    ),
    SEPARATOR,
    MenuLine(_("Canvas", "Select all"), "", bindings.SELECT_ALL, enabled=_network),
    MenuLine(_("Canvas", "Tidy"), "tidy", bindings.TIDY, enabled=_network),
    MenuLine(_("Canvas", "Fit the network"), "fit", bindings.FIT, enabled=_network),
)
LEAVE = MenuLine(_("Canvas", "Leave the block"), "", bindings.LEAVE_BLOCK)
UNFOLD = MenuLine(_("Canvas", "Unfold"), "", bindings.UNFOLD)
BLOCK: Sequence[MenuLine] = (
    MenuLine(_("Canvas", "Open the block"), "block", bindings.OPEN_BLOCK),
    UNFOLD,
    MenuLine(_("Canvas", "Rename the block…"), "", bindings.RENAME_BLOCK),
    MenuLine(_("Canvas", "Detach from the other uses"), "", bindings.DETACH),
    SEPARATOR,
)
FOLD = MenuLine(_("Canvas", "Fold into a block…"), "block", bindings.FOLD)
SHARE = MenuLine(_("Canvas", "Share weights with…"), "link", bindings.SHARE, enabled=_weighted)
SHARE_ALL = MenuLine(_("Canvas", "Share weights"), "link", bindings.SHARE, enabled=_weighted)
UNSHARE = MenuLine(_("Canvas", "Give it weights of its own"), "", bindings.UNSHARE)
NODE: Sequence[MenuLine] = (
    MenuLine(_("Canvas", "Rename"), "", bindings.RENAME),
    MenuLine(_("Canvas", "Add after…"), "plus", bindings.SEARCH),
    SEPARATOR,
    MenuLine(_("Canvas", "Cut"), "cut", bindings.CUT),
    MenuLine(_("Canvas", "Copy"), "copy", bindings.COPY),
    MenuLine(_("Canvas", "Duplicate"), "", bindings.DUPLICATE),
    SEPARATOR,
    MenuLine(_("Canvas", "Mute"), "mute", bindings.MUTE),
    MenuLine(_("Canvas", "Dissolve"), "", bindings.DISSOLVE),
    MenuLine(_("Canvas", "Delete"), "trash", bindings.DELETE),
    MenuLine(_("Canvas", "Delete and leave a gap"), "", bindings.DELETE_LEAVING_GAP),
    SEPARATOR,
    MenuLine(_("Canvas", "Select the path"), "", bindings.SELECT_PATH),
    MenuLine(_("Canvas", "Tidy"), "tidy", bindings.TIDY),
)


def place_by_keys(canvas: Canvas) -> QPoint:
    """Where a menu opens that a key asks for: at the current node, or in the middle of the view."""
    scene, viewport = canvas.scene, canvas.viewport
    if canvas.current is None or canvas.current not in scene.row:
        return QPoint((viewport.width - 1) // 2, (viewport.height - 1) // 2)
    x, y, width, height = scene.rects[scene.row[canvas.current]].tolist()
    left, top = viewport.camera.to_screen(x + width / 2, y + height / 2)
    return QPoint(int(left), int(top))


def build(canvas: Canvas, pointer: Pointer, parent: QWidget) -> QMenu:
    """The menu of what lies under the pointer; a node or wire there is selected first."""
    index, id, wire = canvas.mouse.under(pointer)
    level = canvas.level
    if index is not None:
        id = end_at(canvas.scene, index).id
    if id is not None:
        if id not in level.selection:
            level.select({id})
        canvas.current = id
        return ContextMenu(canvas, pointer, _node_lines(canvas), parent)
    if wire is not None:
        if wire not in level.wire_selection:
            level.select((), {wire})
        return ContextMenu(canvas, pointer, _wire_lines(wire), parent)
    return ContextMenu(canvas, pointer, (LEAVE, SEPARATOR, *CANVAS) if _inside(canvas) else CANVAS, parent)


def _node_lines(canvas: Canvas) -> Sequence[MenuLine]:
    """What can be done with the selected nodes: more with blocks and with layers that share weights."""
    graph, chosen = canvas.level.project.graph, canvas.level.selection
    alone = len(chosen) == 1
    blocks = [id for id in chosen if isinstance(graph.nodes[id].kind, Use)]
    lines = [*(BLOCK if blocks and alone else ()), *NODE, SEPARATOR]
    if blocks and not alone:
        lines.append(UNFOLD)
    if any(graph.nodes[id].kind.family != "io" for id in chosen):
        lines += [FOLD, SHARE if alone else SHARE_ALL]
    if any(graph.nodes[id].shares or id in graph.sharers for id in chosen):
        lines.append(UNSHARE)
    return lines


def _wire_lines(wire: Wire) -> Sequence[MenuLine]:
    return (
        MenuLine(
            _("Canvas", "Insert a layer here…"),
            "plus",
            run=lambda canvas, pointer: canvas.search(pointer, wire=wire),
        ),
        MenuLine(
            _("Canvas", "Select its ends"),
            run=lambda canvas, pointer: canvas.level.select({wire.source, wire.target}),
        ),
        SEPARATOR,
        MenuLine(_("Canvas", "Remove the wire"), "trash", bindings.DELETE),
    )


class ContextMenu(QMenu):
    """Lines of a menu, for what lies at a place of the canvas."""

    def __init__(self, canvas: Canvas, pointer: Pointer, lines: Sequence[MenuLine], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._canvas, self._pointer = canvas, pointer
        self._lines: dict[QAction, MenuLine] = {}
        for line in lines:
            if line is SEPARATOR:
                self.addSeparator()
            else:
                self._add(line)
        self.triggered.connect(self._run)

    def _add(self, line: MenuLine) -> None:
        act = self.addAction(_title(self._canvas, line))
        self._lines[act] = line
        if line.icon:
            act.setIcon(icons.icon(line.icon, "text2"))
        if line.binding is not None:
            act.setShortcut(QKeySequence(next(iter(line.binding.every_key), "")))
            # shown here, heard by the canvas itself
            act.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            act.setShortcutVisibleInContextMenu(True)
        act.setEnabled(line.enabled(self._canvas))

    def _run(self, act: QAction) -> None:
        line = self._lines[act]
        if line.run is not None:
            line.run(self._canvas, self._pointer)
        elif line.binding is not None:
            line.binding.run(self._canvas)


def _title(canvas: Canvas, line: MenuLine) -> str:
    graph, chosen = canvas.level.project.graph, canvas.level.selection
    if line.binding is bindings.MUTE and chosen and all(graph.nodes[id].muted for id in chosen):
        return QCoreApplication.translate("Canvas", "Unmute")
    return QCoreApplication.translate("Canvas", line.title)
