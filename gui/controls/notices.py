"""What the window says by itself: nothing here yet, something is wrong, something was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from gui.controls.button import Button
from gui.controls.drawing import brush, frame
from gui.controls.icon_button import IconButton
from gui.controls.label import Label
from gui.style import icons, theme

Severity = Literal["error", "warning", "note", "success"]
Action = tuple[str, Callable[[], object]]
"""What can be done: its words, and what does it."""
SIGNS = {"error": "error", "warning": "warning", "note": "info", "success": "check"}
INKS = {"error": "error", "warning": "warning", "note": "text2", "success": "success"}


class Sign(QWidget):
    """The icon of a level, 16 px, named for those who cannot see it."""

    def __init__(self, level: Severity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.level: Severity | None = None
        self.set_level(level)

    def set_level(self, level: Severity) -> None:
        if level == self.level:
            return
        self.level = level
        names = {
            "error": self.tr("Error"),
            "warning": self.tr("Warning"),
            "note": self.tr("Note"),
            "success": self.tr("Done"),
        }
        self.setAccessibleName(names[level])
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(16), theme.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = getattr(theme.current(), INKS[self.level])
        icons.paint(brush(self), SIGNS[self.level], ink, QRectF(self.rect()))


class EmptyState(QWidget):
    """One line and at most one action where there is nothing to show yet."""

    acted = Signal()

    def __init__(self, text: str, action: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = Label(text, "body", "text2", wrap=True, parent=self)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = Button(action, icon, parent=self)
        self.button.setVisible(bool(action))
        self.button.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self.text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def set_text(self, text: str) -> None:
        self.text.setText(text)


class Banner(QWidget):
    """A strip that says what is wrong where it matters, with what can be done about it."""

    dismissed = Signal()

    def __init__(
        self,
        text: str = "",
        level: Severity = "warning",
        actions: tuple[Action, ...] = (),
        *,
        dismissible: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sign = Sign(level, self)
        self.text = Label(text, "body", "text1", wrap=True, selectable=True, parent=self)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.buttons: list[Button] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 5, 8, 5)
        self._row.setSpacing(8)
        self._row.addWidget(self._sign, 0)
        self._row.addWidget(self.text, 1)
        self._close = IconButton("close", self.tr("Dismiss"), side=24, parent=self)
        self._close.setVisible(dismissible)
        self._close.clicked.connect(self._dismiss)
        self._row.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.set(text, level, actions)

    def set(self, text: str, level: Severity = "warning", actions: tuple[Action, ...] = ()) -> None:
        """Say something else. An action is its words and what it does."""
        self.text.setText(text)
        self._sign.set_level(level)
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = [Button(words, parent=self) for words, _ in actions]
        for place, (button, (_, act)) in enumerate(zip(self.buttons, actions, strict=True)):
            button.clicked.connect(act)
            self._row.insertWidget(2 + place, button)
        self.update()

    def level(self) -> Severity:
        return self._sign.level

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        ink = getattr(worn, INKS[self._sign.level])
        edge = worn.tint(ink, 0.45) if worn.tints else worn.line2
        frame(painter, QRectF(self.rect()), 6, worn.tint(ink, 0.08), edge)


class Toast(QWidget):
    """A quiet bar at the lower edge of its parent: what was done, and one action such as taking it back.

    It goes by itself, but not while the pointer or the keyboard is on it.
    """

    acted = Signal()

    def __init__(self, parent: QWidget, seconds: float = 6.0) -> None:
        super().__init__(parent)
        self._act: Callable[[], object] | None = None
        self._focus_before: QWidget | None = None
        self._ground = parent
        self.text = Label("", "body", "text1", parent=self)
        self.button = Button("", look="link", parent=self)
        self.button.clicked.connect(self._pressed)
        self.close_button = IconButton("close", self.tr("Dismiss"), side=24, parent=self)
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 6, 4)
        row.setSpacing(8)
        for part in (self.text, self.button, self.close_button):
            row.addWidget(part)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(seconds * 1000))
        self._timer.timeout.connect(self._leave)
        parent.installEventFilter(self)
        self.hide()

    def say(self, text: str, action: str = "", act: Callable[[], object] | None = None) -> None:
        """Show a sentence and, where given, one action. Replaces what was said before."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self._act = act
        self._focus_before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _pressed(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
        self.acted.emit()

    def _leave(self) -> None:
        if self.underMouse() or self._has_focus():
            self._timer.start()
        else:
            self.hide()

    def _has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def hide(self) -> None:
        before = self._focus_before
        if self._has_focus() and before is not None and isValid(before):
            before.setFocus()
        super().hide()

    def _place(self) -> None:
        self.adjustSize()
        room = self._ground.size()
        width = min(self.sizeHint().width(), room.width() - 24)
        height = max(self.sizeHint().height(), theme.px(36))
        self.setGeometry((room.width() - width) // 2, room.height() - height - 16, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        frame(brush(self), QRectF(self.rect()), theme.CARD_CORNER, worn.tip, worn.line2)
