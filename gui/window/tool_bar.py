"""The tool bar: 44 px with the menu, files, undo, training, the device, the run, and the command search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from gui.commands.menus import main_menu
from gui.controls.badge import keys_text, paint_key
from gui.controls.button import Button, Joined, bind
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.controls.icon_button import IconButton
from gui.deferred import Deferred
from gui.style import icons, theme
from gui.training.device_menu import DeviceMenu, device_text

if TYPE_CHECKING:
    from gui.session import Session

SEARCH_WIDTH = 182
LAST_STEP = 4
"""In so many steps a narrow tool bar gives up words and buttons."""


class ToolBar(QWidget):
    """Everything that is done often. Narrow, it shortens the search to an icon; the run bar shortens
    itself.
    """

    step = 0
    """How many words were given up."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName(self.tr("Tool bar"))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 1)
        row.setSpacing(2)
        self.menu = IconButton("menu", self.tr("Menu"), menu=main_menu(session))
        row.addWidget(self.menu)
        self._files: list[QWidget] = [_Rule(), *(self._icon(id) for id in ("new", "open", "save"))]
        for widget in (*self._files, _Rule(), self._icon("undo"), self._icon("redo")):
            row.addWidget(widget)
        row.addWidget(_Rule())
        self.train, self.pause, self.stop = (self._worded(id) for id in ("train", "pause", "stop"))
        self._run_words = {button: button.text() for button in (self.train, self.pause, self.stop)}
        session.commands["pause"].changed.connect(self._turn_pause)
        row.addWidget(Joined([self.train, self.pause, self.stop]))
        row.addSpacing(10)
        self._device_text = self.tr("CPU")
        self._device_menu = DeviceMenu(session.workspace, self)
        self.device = Button(
            self._device_text, "device", menu=self._device_menu, tip=self.tr("Where it is trained")
        )
        self.device.setAccessibleName(self.tr("Device"))
        self.device.setSizePolicy(
            QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed
        )  # alone it would stretch
        row.addWidget(self.device)
        row.addSpacing(12)
        self._slot = QHBoxLayout()
        row.addLayout(self._slot, 1)
        self.run_bar: QWidget | None = None
        row.addSpacing(8)
        self.search = SearchButton(self.tr("Find a command"), keys_text("Ctrl+K"))
        self.search.clicked.connect(session.commands["find"].run)
        row.addWidget(self.search)
        row.addSpacing(2)
        for id in ("export", "settings"):
            row.addWidget(self._icon(id))
        theme.theme_changed.connect(self._measure)
        self._measure()
        self._later = Deferred(self.refresh, self)
        session.workspace.changed.connect(self._later.start)
        session.workspace.analysed.connect(self._later.start)
        self.refresh()

    def set_run_bar(self, run_bar: QWidget) -> None:
        """Put the bar that shows the run between the device and the search."""
        self.run_bar = run_bar
        run_bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._slot.addWidget(run_bar, 1)
        self._settle()

    def refresh(self) -> None:
        """Name the device of the network in front."""
        text = device_text(self._session.workspace)
        if text != self._device_text:
            self._device_text = text
            self.device.setToolTip(f"{self.tr('Where it is trained')}: {text}")
            self._settle()

    def _turn_pause(self) -> None:
        """The button that pauses goes on while the run is paused, and says so."""
        command = self._session.commands["pause"]
        if self._run_words[self.pause] != command.text():
            self._run_words[self.pause] = command.text()
            self.pause.set_icon(command.shown_icon)
            self._settle()

    def _measure(self, _: object = None) -> None:
        self.setFixedHeight(theme.px(theme.TOOL_BAR))
        self._settle()

    def _icon(self, id: str) -> IconButton:
        command = self._session.commands[id]
        button = IconButton(command.icon_name, command.title, parent=self)
        bind(button, command)
        return button

    def _worded(self, id: str) -> Button:
        command = self._session.commands[id]
        button = Button(command.title, command.icon_name, parent=self)
        bind(button, command)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        resized = event.type() == QEvent.Type.LayoutRequest and self.step < LAST_STEP
        if resized and self._row.minimumSize().width() > self.width():  # a part grew, as text does
            self._settle()
        return done

    def _settle(self) -> None:
        """Give up words, least needed first, until the run bar has its room."""
        for step in range(LAST_STEP + 1):
            self._shorten(step)
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                break

    def _shorten(self, step: int) -> None:
        """0 shows everything; then go the search's words, the device's, the words of the run, the files."""
        self.step = step
        self.search.set_short(step >= 1)
        for button, words, last in (
            (self.device, self._device_text, 2),
            *((button, words, 3) for button, words in self._run_words.items()),
        ):
            shown = words if step < last else ""
            if button.text() != shown:
                button.setText(shown)
                button.updateGeometry()
        for widget in self._files:
            widget.setVisible(step < LAST_STEP)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(480), theme.px(theme.TOOL_BAR))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        painter.fillRect(self.rect(), worn.window)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), worn.line)


class SearchButton(QAbstractButton):
    """Looks like a search field and opens the command search; a mere icon where room is short."""

    def __init__(self, text: str, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys, self._short = keys, False
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(f"{text}  {keys}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._key_focus = KeyFocus(self)

    @property
    def short(self) -> bool:
        """Whether it is a mere icon."""
        return self._short

    def set_short(self, short: bool) -> None:
        """Become a mere icon, or wide again."""
        if short != self._short:
            self._short = short
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = theme.BUTTON if self._short else SEARCH_WIDTH
        return QSize(theme.px(width), theme.px(theme.BUTTON if self._short else 26))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        rect, side = QRectF(self.rect()), theme.px(16)
        middle = round((self.height() - side) / 2)
        if self._short:
            if self.underMouse():
                frame(painter, rect, theme.CORNER, worn.hover)
            icons.paint(
                painter, "search", worn.text2, QRectF(round((self.width() - side) / 2), middle, side, side)
            )
        else:
            edge = worn.text3 if self.underMouse() else worn.line2
            frame(painter, rect, theme.CORNER, worn.field, edge)
            icons.paint(painter, "search", worn.text2, QRectF(theme.px(8), middle, side, side))
            right = paint_key(
                painter, self.width() - theme.px(5), self.height() / 2, self._keys, worn.text3, worn.line2
            )
            painter.setFont(theme.font("body"))
            painter.setPen(worn.text2)
            box = QRectF(theme.px(30), 0, right - theme.px(34), self.height())
            words = painter.fontMetrics().elidedText(
                self.text(), Qt.TextElideMode.ElideRight, round(box.width())
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if self._key_focus.shown():
            ring(painter, rect, theme.CORNER)


class _Rule(QWidget):
    """A line between groups."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(13, theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        brush(self).fillRect(QRectF(6, 0, 1, self.height()), theme.current().line2)
