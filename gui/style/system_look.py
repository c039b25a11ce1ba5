"""What the system asks of every window: light or dark, high contrast, larger text."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication


def text_scale() -> float:
    """How much larger than usual the system draws its text, beyond what it scales the whole window by."""
    if sys.platform == "darwin":
        return 1.0
    if sys.platform == "win32":
        usual = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).pixelSize()
        return max(1.0, usual / 12)
    screen = QGuiApplication.primaryScreen()
    return max(1.0, screen.logicalDotsPerInch() / 96) if screen else 1.0


def light() -> bool:
    """Whether it asks for light windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light


def high_contrast() -> bool:
    """Whether it asks for clear edges."""
    hints = QGuiApplication.styleHints()  # held, or PySide takes what it gives for gone
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
