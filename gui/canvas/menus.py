"""The context menus of the canvas, of nodes and of wires, made from short lists of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from engine.project.blocks import Use
from engine.project.graph import Wire
from gui.canvas import keys
from gui.canvas.tools.tool import Pointer
from gui.style import icons

if TYPE_CHECKING:
    from gui.canvas.canvas import Canvas

_ = QT_TRANSLATE_NOOP


@frozen
class Entry:
    """A line of a menu: a title, an icon, and the canvas's method or what else it does."""

    title: str
    icon: str = ""
    method: str = ""
    run: Callable[[Canvas, Pointer], None] | None = None
    enabled: Callable[[Canvas], bool] = lambda canvas: True


def _network(canvas: Canvas) -> bool:
    return bool(canvas.scene.ids)


def _clipboard(canvas: Canvas) -> bool:
    return bool(QGuiApplication.clipboard().text().strip())


def _inside(canvas: Canvas) -> bool:
    return bool(canvas.document.path)


def _weighted(canvas: Canvas) -> bool:
    return any(canvas.has_weights(id) for id in canvas.document.selection)


LINE = Entry("")
CANVAS: Sequence[Entry] = (
    Entry(_("Canvas", "Add a layer…"), "plus", "open_search", lambda canvas, pointer: canvas.search(pointer)),
    Entry(
        _("Canvas", "Paste"),
        "",
        "paste",
        lambda canvas, pointer: canvas.paste_at(pointer.at),
        enabled=_clipboard,
    ),
    LINE,
    Entry(_("Canvas", "Select all"), "", "select_all", enabled=_network),
    Entry(_("Canvas", "Tidy"), "tidy", "tidy", enabled=_network),
    Entry(_("Canvas", "Fit the network"), "fit", "fit", enabled=_network),
)
LEAVE = Entry(_("Canvas", "Leave the block"), "", "go_up")
BLOCK: Sequence[Entry] = (
    Entry(_("Canvas", "Open the block"), "block", "open_block"),
    Entry(_("Canvas", "Unfold"), "", "unfold"),
    Entry(_("Canvas", "Rename the block…"), "", "rename_block"),
    Entry(_("Canvas", "Detach from the other uses"), "", "detach"),
    LINE,
)
FOLD = Entry(_("Canvas", "Fold into a block…"), "block", "fold")
SHARE = Entry(_("Canvas", "Share weights with…"), "link", "share_weights", enabled=_weighted)
SHARE_ALL = Entry(_("Canvas", "Share weights"), "link", "share_weights", enabled=_weighted)
UNSHARE = Entry(_("Canvas", "Give it weights of its own"), "", "unshare")
NODE: Sequence[Entry] = (
    Entry(_("Canvas", "Rename"), "", "rename"),
    Entry(_("Canvas", "Add after…"), "plus", "open_search"),
    LINE,
    Entry(_("Canvas", "Cut"), "cut", "cut"),
    Entry(_("Canvas", "Copy"), "copy", "copy"),
    Entry(_("Canvas", "Duplicate"), "", "duplicate"),
    LINE,
    Entry(_("Canvas", "Mute"), "mute", "toggle_mute"),
    Entry(_("Canvas", "Dissolve"), "", "dissolve"),
    Entry(_("Canvas", "Delete"), "trash", "delete"),
    LINE,
    Entry(_("Canvas", "Select the path"), "", "select_path"),
    Entry(_("Canvas", "Tidy"), "tidy", "tidy"),
)


def show(canvas: Canvas, pointer: Pointer, place: QPoint) -> None:
    """Open the menu of what lies under the pointer."""
    menu = build(canvas, pointer)
    menu.popup(place)


def build(canvas: Canvas, pointer: Pointer) -> QMenu:
    """The menu of what lies under the pointer; a node or wire there is selected first."""
    index, id, wire = canvas.under(pointer)
    document = canvas.document
    if index is not None:
        id = canvas.end_at(index).id
    if id is not None:
        if id not in document.selection:
            document.select({id})
        canvas.current = id
        return _menu(canvas, pointer, _node_entries(canvas))
    if wire is not None:
        if wire not in document.wire_selection:
            document.select((), {wire})
        return _menu(canvas, pointer, _wire_entries(wire))
    return _menu(canvas, pointer, (LEAVE, LINE, *CANVAS) if _inside(canvas) else CANVAS)


def _node_entries(canvas: Canvas) -> Sequence[Entry]:
    """What can be done with the selected nodes: more with blocks and with layers that share weights."""
    graph, chosen = canvas.document.project.graph, canvas.document.selection
    alone = len(chosen) == 1
    blocks = [id for id in chosen if isinstance(graph.nodes[id].kind, Use)]
    entries = [*(BLOCK if blocks and alone else ()), *NODE, LINE]
    if blocks and not alone:
        entries.append(BLOCK[1])
    if any(graph.nodes[id].kind.family != "io" for id in chosen):
        entries += [FOLD, SHARE if alone else SHARE_ALL]
    if any(graph.nodes[id].shares or id in graph.sharers for id in chosen):
        entries.append(UNSHARE)
    return entries


def _wire_entries(wire: Wire) -> Sequence[Entry]:
    return (
        Entry(
            _("Canvas", "Insert a layer here…"),
            "plus",
            run=lambda canvas, pointer: canvas.search(pointer, wire=wire),
        ),
        Entry(
            _("Canvas", "Select its ends"),
            run=lambda canvas, pointer: canvas.document.select({wire.source, wire.target}),
        ),
        LINE,
        Entry(_("Canvas", "Remove the wire"), "trash", "delete"),
    )


def _menu(canvas: Canvas, pointer: Pointer, entries: Sequence[Entry]) -> QMenu:
    menu = QMenu(canvas)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for entry in entries:
        if entry is LINE:
            menu.addSeparator()
            continue
        act = menu.addAction(_title(canvas, entry))
        if entry.icon:
            act.setIcon(icons.icon(entry.icon, "text2"))
        if entry.method:
            act.setShortcut(QKeySequence(keys.keys_of(entry.method)))
            act.setShortcutContext(
                Qt.ShortcutContext.WidgetShortcut
            )  # shown here, heard by the canvas itself
            act.setShortcutVisibleInContextMenu(True)
        act.setEnabled(entry.enabled(canvas))
        act.triggered.connect(_Deed(menu, canvas, pointer, entry).run)
    return menu


class _Deed(QObject):
    """One line of one menu; it goes with its menu."""

    def __init__(self, menu: QMenu, canvas: Canvas, pointer: Pointer, entry: Entry) -> None:
        super().__init__(menu)
        self._canvas, self._pointer, self._entry = canvas, pointer, entry

    def run(self) -> None:
        if self._entry.run is not None:
            self._entry.run(self._canvas, self._pointer)
        else:
            getattr(self._canvas, self._entry.method)()


def _title(canvas: Canvas, entry: Entry) -> str:
    graph, chosen = canvas.document.project.graph, canvas.document.selection
    if entry.method == "toggle_mute" and chosen and all(graph.nodes[id].muted for id in chosen):
        return QCoreApplication.translate("Canvas", "Unmute")
    return QCoreApplication.translate("Canvas", entry.title)
