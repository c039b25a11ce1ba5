"""Where the panels stand: tabs at the left, at the right and below, with the canvas in the middle.

A panel is made when it is first shown. Tabs can be pulled from one side to another, closed and brought back;
sizes and places are plain JSON (`state`, `restore`), kept apart from the project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from engine.files.checked_json import boolean, fits, items, members, named, row, text, whole
from gui.docks.dock_area import SIDES, Area, Side
from gui.docks.splits import Splits

_SIZE = whole(0, 100_000)
STATE = members(
    ("areas", "current", "sizes"),
    areas=members(SIDES, **dict.fromkeys(SIDES, items(text()))),
    current=named(text()),
    sizes=row(_SIZE, _SIZE, _SIZE),
    usual=boolean(),
)
"""What `state` gives, and `restore` takes."""


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
    hidden_wanted = Signal()
    """A panel is wanted whose side gives its room to the centre."""

    def __init__(
        self, panes: Sequence[Pane], centre: QWidget, held: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._panes: Mapping[str, Pane] = {pane.id: pane for pane in panes}
        self._panels: dict[str, QWidget] = {}
        self._held = held
        self._counts: dict[str, str] = {}
        names = {
            "left": self.tr("Left panels"),
            "right": self.tr("Right panels"),
            "bottom": self.tr("Lower panels"),
        }
        self.areas: dict[Side, Area] = {side: Area(side, names[side]) for side in SIDES}
        for area in self.areas.values():
            area.turned.connect(self.fill)
            area.menu_wanted.connect(self.open_menu)
            area.dropped.connect(self.move_panel)
        self.splits = Splits(self.areas, centre)
        self.bare = False
        """Whether all panels are hidden, those that stand somewhere too."""
        self.yielding: frozenset[Side] = frozenset()
        """The sides that give their room to the centre, as long as it needs that."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splits)
        self.reset()

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
        if id not in self._panels:
            self._panels[id] = self._panes[id].make()
        return self._panels[id]

    def existing_panel(self, id: str) -> QWidget | None:
        """The panel itself if it was shown before."""
        return self._panels.get(id)

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

    def reveal(self, id: str) -> None:
        """Bring a panel to the front, also while all are hidden."""
        self.set_bare(False)
        self.show_panel(id)
        if self.side_of(id) in self.yielding:
            self.hidden_wanted.emit()

    def set_bare(self, bare: bool) -> None:
        """Hide every panel, or bring them back."""
        if bare != self.bare:
            self.bare = bare
            self._show_sides()

    def set_yielding(self, sides: frozenset[Side]) -> None:
        """Let these sides give their room to the centre, and all others stand where they are."""
        if sides != self.yielding:
            self.yielding = sides
            self._show_sides()

    def _show_sides(self) -> None:
        for side, area in self.areas.items():
            area.set_yielding(side in self.yielding)
            area.setVisible(not self.bare and not area.yielding and area.strip.count() > 0)

    def _add(self, id: str, side: Side, place: int = -1) -> None:
        self.areas[side].add(id, self._panes[id].title, place)
        if text := self._counts.get(id):
            self.areas[side].strip.set_badge(id, text)

    def close_panel(self, id: str) -> None:
        """Take a panel out of sight; it keeps what it shows."""
        side = self.side_of(id)
        if side is not None:
            self.areas[side].remove(id)
            self.changed.emit()

    def move_panel(self, id: str, side: Side, place: int = -1) -> None:
        """Let a panel stand at another side, or at another place of its own."""
        if id in self._panes:
            self.close_panel(id)
            self._add(id, side, place)
            self.show_panel(id)

    def set_count(self, id: str, text: str) -> None:
        """Put a number behind a panel's title."""
        if text == self._counts.get(id, ""):
            return
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
            area.corner.setCurrentWidget(corner if isinstance(corner, QWidget) else area.corner.nothing)
            area.corner.updateGeometry()
            area.settle()
            self.changed.emit()

    def open_menu(self, id: str, place: QPoint) -> None:
        """What can be done with a panel."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        titles = {
            "left": self.tr("Move to the left"),
            "right": self.tr("Move to the right"),
            "bottom": self.tr("Move down"),
        }
        sides: dict[object, Side] = {}
        for side in SIDES:
            if side != self.side_of(id):
                sides[menu.addAction(titles[side])] = side
        menu.addSeparator()
        close = menu.addAction(self.tr("Close panel"))
        menu.addSeparator()
        usual = menu.addAction(self.tr("Put all panels back"))
        chosen = menu.exec(place)
        if chosen in sides:
            self.move_panel(id, sides[chosen])
        elif chosen is close:
            self.close_panel(id)
        elif chosen is usual:
            self.reset()

    # ------------------------------------------------------------------ state

    def reset(self) -> None:
        """Every panel at its own side, in the usual sizes."""
        for area in self.areas.values():
            for id in area.ids():
                area.remove(id)
        for pane in self._panes.values():
            self._add(pane.id, pane.side)
        for area in self.areas.values():
            area.strip.setCurrentIndex(0)
            self.fill(area)
        self.splits.set_usual()
        self.changed.emit()

    def state(self) -> dict[str, Any]:
        """Places and sizes, as plain JSON."""
        return {
            "areas": {side: area.ids() for side, area in self.areas.items()},
            "current": {side: area.current() for side, area in self.areas.items()},
            "sizes": self.splits.sizes(),
            "usual": self.splits.usual,
        }

    def restore(self, state: Any) -> bool:
        """Take places and sizes up again. What makes no sense is passed over; False where nothing did."""
        if not fits(STATE, state):
            return False
        placed = [(side, state["areas"][side]) for side in SIDES]
        sizes = state["sizes"]
        current = {side: state["current"].get(side, "") for side in SIDES}
        # Nothing is touched before it is certain that some of it makes sense.
        listed = {id for _, ids in placed for id in ids}
        if not listed & set(self._panes):
            return False
        for area in self.areas.values():
            for id in area.ids():
                area.remove(id)
        # A panel that is listed twice stands where it is listed first; one that is gone is passed over.
        seen: set[str] = set()
        for side, ids in placed:
            for id in ids:
                if id in self._panes and id not in seen:
                    seen.add(id)
                    self._add(id, side)
            if current[side] in self.areas[side].ids():
                self.areas[side].strip.set_current(current[side])
        for area in self.areas.values():
            self.fill(area)
        if state.get("usual"):
            self.splits.set_usual()
        else:
            self.splits.set_sizes(*(max(1, size) for size in sizes))
        self.changed.emit()
        return True
