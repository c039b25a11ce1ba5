"""Where the panels stand: tabs at the left, at the right and below, with the canvas in the middle.

A panel is made when it is first shown. Tabs can be pulled from one side to another, closed and brought back;
sizes and places are plain JSON (`state`, `restore`), kept apart from the project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from gui.docks.dock_area import SIDES, Area, Side
from gui.style import theme

MOST = 0.5
"""The share of the height that the lower side takes at most where a person's own size grows with the text."""
SHARES = 0.24, 0.29, 0.36
"""The shares of the width that the left and the right side, and of the height that the lower side, take at
most until somebody draws them larger: the rest is the canvas's, be the screen small or the text large."""


@frozen
class Pane:
    """A panel as the docks know it: its id, its title, the side it starts at, and how it is made."""

    id: str
    title: str
    side: Side
    make: Callable[[], QWidget]


class Docks(QWidget):
    """The three sides around the centre. A panel's optional attribute `corner` is a widget for its tab
    strip's end.
    """

    changed = Signal()
    """A panel was moved, closed, shown or brought to the front."""

    def __init__(
        self, panes: Sequence[Pane], centre: QWidget, held: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._panes: Mapping[str, Pane] = {pane.id: pane for pane in panes}
        self._made: dict[str, QWidget] = {}
        self._held = held
        self._counts: dict[str, str] = {}
        names = {
            "left": self.tr("Left panels"),
            "right": self.tr("Right panels"),
            "bottom": self.tr("Lower panels"),
        }
        self.areas: dict[Side, Area] = {side: Area(side, names[side], self) for side in SIDES}
        self._across = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.areas["left"], centre, self.areas["right"]):
            self._across.addWidget(widget)
        self._down = QSplitter(Qt.Orientation.Vertical)
        self._down.addWidget(self._across)
        self._down.addWidget(self.areas["bottom"])
        for splitter, stretch in ((self._across, (0, 1, 0)), (self._down, (1, 0))):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            splitter.splitterMoved.connect(self._drawn)
            for index, factor in enumerate(stretch):
                splitter.setStretchFactor(index, factor)
        self._centre = centre
        self._scale = theme.text_scale()
        self._usual = True
        self._least()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._down)
        self.reset()
        theme.theme_changed.connect(self._rescale)

    def _least(self) -> None:
        self.areas["left"].setMinimumWidth(theme.px(160))
        self.areas["right"].setMinimumWidth(theme.px(220))
        self.areas["bottom"].setMinimumHeight(theme.px(96))
        self._centre.setMinimumSize(theme.px(240), theme.px(160))

    def _rescale(self, _: object) -> None:
        """Let the sides grow and shrink with the text."""
        grown = theme.text_scale() / self._scale
        if grown == 1:
            return
        self._scale = theme.text_scale()
        self._least()
        if self._usual:
            self._size_as_usual()
        else:
            self._size(*(round(size * grown) for size in self.state()["sizes"]))

    # ------------------------------------------------------------------ what stands where

    def ids(self) -> tuple[str, ...]:
        """All panels, shown or not."""
        return tuple(self._panes)

    def title(self, id: str) -> str:
        """What a panel is called."""
        return self._panes[id].title

    def side_of(self, id: str) -> Side | None:
        """Where a panel stands, None while it is closed."""
        return next((side for side, area in self.areas.items() if id in area.ids()), None)

    def is_current(self, id: str) -> bool:
        """Whether a panel is in front at its side."""
        side = self.side_of(id)
        return side is not None and self.areas[side].current() == id

    def panel(self, id: str) -> QWidget:
        """The panel itself, made now if need be."""
        if id not in self._made:
            self._made[id] = self._panes[id].make()
        return self._made[id]

    def made(self, id: str) -> QWidget | None:
        """The panel itself if it was shown before."""
        return self._made.get(id)

    # ------------------------------------------------------------------ changes

    def show_panel(self, id: str) -> None:
        """Bring a panel to the front, back at its own side if it was closed."""
        side = self.side_of(id)
        if side is None:
            side = self._panes[id].side
            order = [pane.id for pane in self._panes.values()]
            before = [other for other in self.areas[side].ids() if order.index(other) < order.index(id)]
            self._add(id, side, len(before))
        self.areas[side].strip.set_current(id)
        self.fill(self.areas[side])

    def _add(self, id: str, side: Side, place: int = -1) -> None:
        self.areas[side].add(id, self._panes[id].title, place)
        if text := self._counts.get(id):
            self.areas[side].strip.set_badge(id, text)

    def close_panel(self, id: str) -> None:
        """Take a panel out of sight; it keeps what it shows."""
        side = self.side_of(id)
        if side is not None:
            self.areas[side].take(id)
            self.changed.emit()

    def move(self, id: str, side: Side, place: int = -1) -> None:
        """Let a panel stand at another side, or at another place of its own."""
        if id in self._panes:
            self.close_panel(id)
            self._add(id, side, place)
            self.show_panel(id)

    def set_count(self, id: str, text: str) -> None:
        """Put a number behind a panel's title."""
        side = self.side_of(id)
        self._counts[id] = text
        if side is not None:
            self.areas[side].strip.set_badge(id, text)
            self.areas[side].settle()

    def release(self) -> None:
        """Make the panels that are in sight. What was `held` until now did so for the first paint's sake."""
        self._held = False
        for area in self.areas.values():
            self.fill(area)

    def fill(self, area: Area) -> None:
        """Show the panel of an area's current tab."""
        id = area.current()
        if id and not self._held:
            panel = self.panel(id)
            if area.stack.indexOf(panel) < 0:
                area.stack.addWidget(panel)
            area.stack.setCurrentWidget(panel)
            corner = getattr(panel, "corner", None)
            if isinstance(corner, QWidget) and area.corner.indexOf(corner) < 0:
                area.corner.addWidget(corner)
            area.corner.setCurrentWidget(corner if isinstance(corner, QWidget) else area.corner.widget(0))
            area.corner.updateGeometry()
            area.settle()
            self.changed.emit()

    def open_menu(self, id: str, place: QPoint) -> None:
        """What can be done with a panel."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = {
            "left": self.tr("Move to the left"),
            "right": self.tr("Move to the right"),
            "bottom": self.tr("Move down"),
        }
        acts: dict[object, Side] = {}
        for side in SIDES:
            if side != self.side_of(id):
                acts[menu.addAction(words[side])] = side
        menu.addSeparator()
        close = menu.addAction(self.tr("Close panel"))
        menu.addSeparator()
        usual = menu.addAction(self.tr("Put all panels back"))
        chosen = menu.exec(place)
        if chosen in acts:
            self.move(id, acts[chosen])
        elif chosen is close:
            self.close_panel(id)
        elif chosen is usual:
            self.reset()

    # ------------------------------------------------------------------ state

    def reset(self) -> None:
        """Every panel at its own side, in the usual sizes."""
        for area in self.areas.values():
            for id in area.ids():
                area.take(id)
        for pane in self._panes.values():
            self._add(pane.id, pane.side)
        for area in self.areas.values():
            area.strip.setCurrentIndex(0)
            self.fill(area)
        self._usual = True
        self._size_as_usual()
        self.changed.emit()

    def _size_as_usual(self) -> None:
        wanted = theme.PALETTE_WIDTH, theme.INSPECTOR_WIDTH, theme.DOCK_HEIGHT
        room = self.width(), self.width(), self.height()
        self._size(
            *(
                min(theme.px(size), round(share * whole))
                for size, share, whole in zip(wanted, SHARES, room, strict=True)
            )
        )

    def _drawn(self, place: int, index: int) -> None:
        """Somebody drew a side to a size of their own, which it keeps from now on."""
        self._usual = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._usual:
            self._size_as_usual()

    def _size(self, left: int, right: int, bottom: int) -> None:
        bottom = min(bottom, round(self.height() * MOST)) if self.height() > 1 else bottom
        self._across.setSizes([left, max(1, self.width() - left - right), right])
        self._down.setSizes([max(1, self.height() - bottom), bottom])

    def state(self) -> dict[str, Any]:
        """Places and sizes, as plain JSON."""
        across, down = self._across.sizes(), self._down.sizes()
        return {
            "areas": {side: area.ids() for side, area in self.areas.items()},
            "current": {side: area.current() for side, area in self.areas.items()},
            "sizes": [across[0], across[2], down[1]],
            "usual": self._usual,
        }

    def restore(self, state: Any) -> bool:
        """Take places and sizes up again. What makes no sense is passed over; False where nothing did."""
        try:
            wanted = [(side, [str(id) for id in state["areas"][side]]) for side in SIDES]
            sizes = [int(size) for size in state["sizes"]]
            current = {side: str(state["current"].get(side, "")) for side in SIDES}
        except (LookupError, TypeError, ValueError, AttributeError):
            return False
        known = {id for _, ids in wanted for id in ids}
        if not known & set(self._panes) or len(sizes) != 3:
            return False
        for area in self.areas.values():
            for id in area.ids():
                area.take(id)
        seen: set[str] = set()
        for side, ids in wanted:
            for id in ids:
                if id in self._panes and id not in seen:
                    seen.add(id)
                    self._add(id, side)
            if current[side] in self.areas[side].ids():
                self.areas[side].strip.set_current(current[side])
        for area in self.areas.values():
            self.fill(area)
        self._usual = bool(state.get("usual"))
        if self._usual:
            self._size_as_usual()
        else:
            self._size(*(max(1, size) for size in sizes))
        self.changed.emit()
        return True
