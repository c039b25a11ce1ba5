"""All layers there are, by family, to be searched, dragged out or added after the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from engine.files.checked_json import items, text
from engine.kinds import Layer
from gui import settings
from gui.controls import EmptyState, Label, SearchField
from gui.document.adding import add_to
from gui.panels.palette.palette_model import FAMILY, PaletteModel, listed
from gui.panels.palette.palette_rows import PaletteRows
from gui.style import theme
from gui.text.words import words

if TYPE_CHECKING:
    from engine.plugins.loading import Plugins
    from gui.document.workspace import Workspace


class Palette(QWidget):
    """The left dock's list of layers. Which families are folded is remembered."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Layers")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = PaletteModel(self)
        self.rows = PaletteRows(self.model, self)
        named = self.tr("Search %n layers", "", len(self.model.kinds))
        self.field = SearchField(named, "Tab", name=named)
        self.nothing = EmptyState(
            self.tr("Nothing called that. Backspace, or describe what it does: halve, normalise, remember.")
        )
        above = QWidget(self)
        row = QVBoxLayout(above)
        row.setContentsMargins(10, 8, 10, 4)
        row.addWidget(self.field)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(above)
        column.addLayout(self._stack, 1)
        self.foot = Label("", "hint", "error", wrap=True, parent=self)
        self.foot.setMargin(10)
        self.foot.hide()
        column.addWidget(self.foot)
        self.setFocusProxy(self.field)
        self.field.value_changed.connect(self._search)
        self.field.installEventFilter(self)
        self.rows.picked.connect(self.add)
        self.rows.folded.connect(self._remember)
        self.rows.left_upwards.connect(self._go_up)
        theme.theme_changed.connect(self._restyle)
        workspace.kinds_changed.connect(self._renew)
        self._unfold()

    def _renew(self, plugins: Plugins) -> None:
        """Plug-ins were loaded: list their layers too, and say at the foot what is wrong with them."""
        if set(self.model.kinds.values()) != set(listed().values()):
            self.model.renew()
            self.field.setPlaceholderText(self.tr("Search %n layers", "", len(self.model.kinds)))
            self._search(self.field.text())
        faults = plugins.faults
        self.foot.setVisible(bool(faults))
        if faults:
            first = self.tr("Plug-in {problem}").format(problem=words(faults[0].sentence))
            more = self.tr("%n more in the settings", "", len(faults) - 1) if len(faults) > 1 else ""
            self.foot.setText(f"{first}\n{more}".strip())

    # ------------------------------------------------------------------ add

    def add(self, kind: type[Layer]) -> None:
        """Add a layer of that kind after the selected one, and select it."""
        add_to(self.workspace, kind())

    # ------------------------------------------------------------------ search

    def _search(self, text: str) -> None:
        number = self.model.search(text)
        self._stack.setCurrentWidget(self.rows if number else self.nothing)
        if text.strip():
            self.rows.setCurrentIndex(self.model.index(0, 0))
            self.rows.scrollToTop()
        else:
            self._unfold()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.model.query:
                self.rows.pick_current()
                return True
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
                self._go_down()
                return True
        return super().eventFilter(watched, event)

    def _go_down(self) -> None:
        self.rows.setFocus(Qt.FocusReason.TabFocusReason)
        current = self.rows.currentIndex()
        if not current.isValid():
            self.rows.setCurrentIndex(self.model.index(0, 0))
        elif self.model.query:
            self.rows.setCurrentIndex(
                self.rows.indexBelow(current) if self.rows.indexBelow(current).isValid() else current
            )

    def _go_up(self) -> None:
        self.field.setFocus(Qt.FocusReason.BacktabFocusReason)

    # ------------------------------------------------------------------ folds

    def _heads(self) -> list[QModelIndex]:
        return [self.model.index(row, 0) for row in range(self.model.rowCount())]

    def _unfold(self) -> None:
        shut = settings.remembered("palette/folded", items(text())) or []
        for head in self._heads():
            self.rows.setExpanded(head, head.data(FAMILY) not in shut)

    def _remember(self) -> None:
        if not self.model.query:
            shut = [head.data(FAMILY) for head in self._heads() if not self.rows.isExpanded(head)]
            settings.remember("palette/folded", shut)

    def _restyle(self) -> None:
        self.rows.doItemsLayout()
        self.rows.viewport().update()
