"""Square buttons that show an icon only."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from gui.controls.button import Keys, tip_text
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import icons, theme


class IconButton(QToolButton):
    """A square button with an icon, named for those who cannot see it and for its tip."""

    def __init__(
        self,
        icon: str,
        title: str,
        keys: Keys = "",
        *,
        checkable: bool = False,
        ink: str = "text2",
        side: int = theme.BUTTON,
        menu: QMenu | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._side = side
        self._ink = ink
        self._name = icon
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setToolTip(tip_text(title, keys))
        self._key_focus = KeyFocus(self)
        if menu is not None:
            self.setMenu(menu)
            self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def set_ink(self, ink: str) -> None:
        self._ink = ink
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(self._side), theme.px(self._side))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        rect = QRectF(self.rect())
        hovered = self.underMouse() and self.isEnabled()
        if self.isChecked():
            frame(painter, rect, theme.CORNER, worn.accent_ground)
        elif hovered or self.isDown():
            frame(painter, rect, theme.CORNER, worn.raised if self.isDown() else worn.hover)
        ink = getattr(worn, self._ink)
        if not self.isEnabled():
            ink = worn.disabled
        elif self.isChecked():
            ink = worn.accent_text
        elif hovered and self._ink in {"text2", "text3"}:
            ink = worn.text1
        size = theme.px(16)
        corner = QPointF(round((rect.width() - size) / 2), round((rect.height() - size) / 2))
        icons.paint(painter, self._name, ink, QRectF(corner.x(), corner.y(), size, size))
        if self._key_focus.shown():
            ring(painter, rect, theme.CORNER)
