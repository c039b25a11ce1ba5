"""What starts something when pressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolTip,
    QWidget,
)

from gui.controls.badge import keys_text, paint_key
from gui.controls.drawing import KeyFocus, brush, chevron, frame, ring
from gui.style import icons, theme, tokens

Look = Literal["primary", "ordinary", "quiet", "suggested", "link"]
Place = Literal["alone", "first", "middle", "last"]
_BARE = {"quiet", "link"}  # looks without fill and edge
Keys = QKeySequence | QKeySequence.StandardKey | str


def tip_text(title: str, keys: Keys = "") -> str:
    """A tip that ends in the shortcut, where there is one."""
    short = keys_text(keys) if keys else ""
    return f"{title}  {short}" if short else title


def bind(button: QAbstractButton, action: QAction) -> None:
    """Let a button press an action and follow whether it is enabled, shown and checked."""
    _Bond(button, action)


class _Bond(QObject):
    """The tie between a button and an action; it ends with the button."""

    def __init__(self, button: QAbstractButton, action: QAction) -> None:
        super().__init__(button)
        self.action = action
        action.changed.connect(self.follow)
        button.clicked.connect(self.press)
        self.follow()

    def press(self) -> None:
        self.action.trigger()
        self.follow()

    def follow(self) -> None:
        button, action = cast(QAbstractButton, self.parent()), self.action
        button.setEnabled(action.isEnabled())
        if button.parentWidget():
            button.setVisible(action.isVisible())
        if action.isCheckable():
            button.setCheckable(True)
            button.setChecked(action.isChecked())
        title = action.toolTip() or action.text()
        button.setToolTip(tip_text(title, action.shortcut()))
        button.setAccessibleName(title)


class Button(QPushButton):
    """A button with words on it: the one primary of its window, an ordinary, quiet, suggested one or a link.

    `detail` stands after the words in a fainter ink (what it costs), `keys` as a badge at the right edge;
    with a menu it shows a chevron. `spread` sets the words at the left edge instead of the middle. One that
    `gives_way` is no wider than there is room: its words end in …, and stand whole in its tip.
    """

    def __init__(
        self,
        text: str,
        icon: str = "",
        *,
        look: Look = "ordinary",
        keys: Keys = "",
        detail: str = "",
        menu: QMenu | None = None,
        spread: bool = False,
        tip: str = "",
        gives_way: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon, self._look, self._detail, self._spread = icon, look, detail, spread
        self._gives_way = gives_way
        self._keys = keys_text(keys) if keys else ""
        self.place: Place = "alone"
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        least = QSizePolicy.Policy.Preferred if gives_way else QSizePolicy.Policy.Minimum
        self.setSizePolicy(least, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription(detail)
        self.setToolTip(tip_text(tip, keys) if tip else "")
        self._key_focus = KeyFocus(self)
        theme.set_font(self, "value")
        if menu is not None:
            self.setMenu(menu)

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self.update()

    def look(self) -> Look:
        return self._look

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self._words()) + 2 * theme.px(8 if self._look in _BARE else 12)
        if self._icon:
            width += theme.px(16) + (theme.px(8) if self.text() else 0)
        if self._detail:
            width += metrics.horizontalAdvance(self._detail) + theme.px(6)
        if self._keys:
            width += QFontMetrics(theme.font("hint")).horizontalAdvance(self._keys) + theme.px(26)
        if self.menu():
            width += theme.px(18)
        return QSize(width, theme.px(theme.BUTTON))

    def minimumSizeHint(self) -> QSize:
        whole = self.sizeHint()
        if not self._gives_way:
            return whole
        metrics = QFontMetrics(self.font())
        spared = metrics.horizontalAdvance(self._words()) - metrics.horizontalAdvance("m…")
        return QSize(whole.width() - max(0, spared), whole.height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.width() < self.sizeHint().width():
            tip = "\n".join(filter(None, (self._words(), self.toolTip())))
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def _words(self) -> str:
        """The text without the ampersand that marks its mnemonic."""
        return self.text().replace("&&", "\0").replace("&", "").replace("\0", "&")

    def _inks(self) -> tuple[QColor, QColor, QColor | None, QColor | None]:
        """Ink of words and of the detail, fill and edge, for the state of now."""
        worn = theme.current()
        hovered = self.underMouse() and self.isEnabled()
        pressed = self.isDown()
        if not self.isEnabled():
            bare = self._look in _BARE
            return worn.disabled, worn.disabled, None if bare else worn.raised, None if bare else worn.line
        if self._look == "primary":
            fill = tokens.mixed(worn.accent_fill, worn.accent_on if worn.dark else worn.text1, 0.08)
            fill = fill if hovered or pressed else worn.accent_fill
            return worn.accent_on, worn.accent_on, fill, fill
        if self._look == "suggested":
            return worn.text1, worn.text2, worn.accent_ground, worn.accent
        if self._look in _BARE:
            ink = worn.accent_text if self._look == "link" else worn.text1 if hovered else worn.text2
            return ink, worn.text3, worn.hover if hovered else None, None
        if self.isChecked():
            return worn.text1, worn.text2, worn.accent_ground, worn.accent
        fill = worn.hover if pressed or (hovered and not worn.dark) else worn.raised
        if hovered and worn.dark and not pressed:
            fill = tokens.mixed(worn.raised, worn.text1, 0.06)
        return worn.text1, worn.text2, fill, worn.line2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = brush(self)
        ink, faint, fill, edge = self._inks()
        rect = QRectF(self.rect())
        whole = QRectF(rect)
        if self.place in {"middle", "last"}:
            whole.setLeft(-12)
        if self.place in {"first", "middle"}:
            whole.setRight(rect.right() + 12)
        painter.setClipRect(rect)
        frame(painter, whole, 6, fill, edge)
        if self.place in {"middle", "last"}:
            painter.fillRect(QRectF(0, 1, 1, rect.height() - 2), theme.current().line2)
        if self._key_focus.shown():
            ring(painter, rect, 6)
        self._paint_words(painter, rect, ink, faint)

    def _paint_words(self, painter: QPainter, rect: QRectF, ink: QColor, faint: QColor) -> None:
        pad = theme.px(8 if self._look in _BARE else 12)
        metrics = QFontMetrics(self.font())
        extras = min(self.sizeHint().width(), self.width()) - 2 * pad
        left = pad if self._spread else max(pad, round((rect.width() - extras) / 2))
        right = rect.right() - pad if self._spread else left + extras
        middle = rect.center().y()
        if self._icon:
            size = theme.px(16)
            icons.paint(painter, self._icon, ink, QRectF(left, round(middle - size / 2), size, size))
            left += size + theme.px(8)
        if self.menu():
            chevron(painter, QPointF(right - theme.px(4), middle), faint)
            right -= theme.px(18)
        if self._keys:
            edge = tokens.faded(ink, 0.45) if self._look == "primary" else theme.current().line2
            right = paint_key(painter, right + theme.px(4), middle, self._keys, faint, edge) - theme.px(8)
        painter.setFont(self.font())
        painter.setPen(ink)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        detail = metrics.horizontalAdvance(self._detail) + theme.px(6) if self._detail else 0
        width = max(0.0, right - left + 1 - detail)
        words = metrics.elidedText(self._words(), Qt.TextElideMode.ElideRight, round(width) + 1)
        painter.drawText(QRectF(left, 0, width + 2, rect.height()), flags, words)
        if self._detail:
            left += metrics.horizontalAdvance(words) + theme.px(6)
            painter.setFont(theme.font("body"))
            painter.setPen(faint)
            painter.drawText(QRectF(left, 0, max(0.0, right - left) + 2, rect.height()), flags, self._detail)


class Joined(QWidget):
    """Buttons that belong together, in one frame with lines between them: Train, Pause, Stop."""

    def __init__(self, buttons: Sequence[Button], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = tuple(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        last = len(self.buttons) - 1
        for index, button in enumerate(self.buttons):
            if last:
                button.place = "first" if index == 0 else "last" if index == last else "middle"
            row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        usable = [button for button in self.buttons if button.isEnabled()]
        focused = self.focusWidget()
        if step and focused in usable:
            index = (usable.index(focused) + step) % len(usable)
            usable[index].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)
