"""Dresses the application in a theme, and keeps it so while the system changes around it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTemporaryDir
from PySide6.QtWidgets import QApplication

from gui.style import system_look, theme
from gui.style.style import draw_marks, palette, sheet
from gui.style.tokens import DARK, LIGHT, Theme

Choice = Literal["system", "dark", "light"]

STYLED = "styled"
"""The property of an application that was started with Fusion: setting it later takes PySide 10 ms."""

_SCHEMES: Mapping[Choice, Qt.ColorScheme] = {
    "system": Qt.ColorScheme.Unknown,
    "dark": Qt.ColorScheme.Dark,
    "light": Qt.ColorScheme.Light,
}


class _Wearer(QObject):
    """Keeps one application in its theme."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.app = app
        self.choice: Choice = "system"
        self.scale = 1.0
        self.marks = QTemporaryDir()
        hints = app.styleHints()
        self.access = hints.accessibility()
        hints.colorSchemeChanged.connect(self.follow)
        self.access.contrastPreferenceChanged.connect(self.follow)

    def follow(self) -> None:
        """Wear what the person chose and the system asks for."""
        light = self.choice == "light" or (self.choice == "system" and system_look.light())
        chosen = LIGHT if light else DARK
        self.wear(chosen.high_contrast() if system_look.high_contrast() else chosen)

    def wear(self, new: Theme) -> None:
        """Colours, fonts and measures of a theme for all of the application, then the word to who paints."""
        changed = theme.set_current(new, system_look.text_scale() * self.scale)
        if not changed and self.app.property("worn"):
            return
        self.app.setProperty("worn", True)
        self.app.setFont(theme.font())
        self.app.setPalette(palette(new))
        marks = Path(self.marks.path())
        draw_marks(new, marks)
        self.app.setStyleSheet(sheet(new, marks))
        for widget in self.app.allWidgets():
            if role := widget.property("typeRole"):
                widget.setFont(theme.font(role))
            if length := widget.property("ownWidth"):
                widget.setFixedWidth(theme.px(length))
        theme.theme_changed.emit(new)


_wearer: _Wearer | None = None


def apply(app: QApplication, choice: Choice | Theme = "system", scale: float = 1.0) -> Theme:
    """Dress the application: Fusion, fonts, palette and style sheet. Gives back the theme it wears now.

    The choice "system" follows the system's light or dark for as long as the application lives; a `Theme` is
    worn as it is. The scale is the person's own wish for larger text and comes on top of the system's.
    """
    global _wearer
    if _wearer is None or _wearer.app is not app:
        if not app.property(STYLED):
            app.setStyle("Fusion")
        _wearer = _Wearer(app)
    wearer = _wearer
    wearer.scale = scale
    if isinstance(choice, Theme):
        wearer.choice = "dark" if choice.dark else "light"
        wearer.wear(choice)
        return choice
    wearer.choice = choice
    app.styleHints().setColorScheme(_SCHEMES[choice])  # native dialogs and title bars follow too
    wearer.follow()
    return theme.current()
