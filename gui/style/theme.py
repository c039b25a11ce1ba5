"""What the window wears: its theme of colours, its fonts and its measures.

Who paints by hand reads `current()` at every paint and repaints on `theme_changed`; `gui.style.apply` puts a
theme on the application.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Literal

from PySide6.QtCore import QLocale, QObject, Signal
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QWidget

from gui.style.tokens import DARK, Theme

# Measures, in px at 100 % text. Those that hold text go through `px` so that large text is never clipped.
TOOL_BAR = 44
TAB_STRIP = 32
STATUS_BAR = 24
CONTROL = 26
BUTTON = 28
PALETTE_ROW = 24
FAMILY_HEAD = 26
FORM_ROW = 30
FORM_LABEL = 112
PANEL_PADDING = 14
PALETTE_WIDTH = 232
INSPECTOR_WIDTH = 312
DOCK_HEIGHT = 240
CORNER = 5
CARD_CORNER = 8

Role = Literal["body", "hint", "value", "head", "title", "card", "big", "code"]

_ROLES: Mapping[str, tuple[int, QFont.Weight]] = {
    "body": (12, QFont.Weight.Normal),
    "hint": (11, QFont.Weight.Normal),
    "value": (12, QFont.Weight.Medium),
    "head": (11, QFont.Weight.DemiBold),
    "title": (12, QFont.Weight.DemiBold),
    "card": (13, QFont.Weight.DemiBold),
    "big": (18, QFont.Weight.DemiBold),
    "code": (12, QFont.Weight.Normal),
}
_INTERFACE = ("Inter", "Segoe UI", "SF Pro", "Noto Sans", "Noto Sans CJK SC", "PingFang SC")
_CODE = ("JetBrains Mono", "Cascadia Mono", "DejaVu Sans Mono")
_ALIASES = {"", "sans", "sans serif", "sans-serif", "ms shell dlg 2"}
"""What a system says that has no interface font of its own; the fallbacks of the design come before those."""


class _Signals(QObject):
    changed = Signal(object)


_signals = _Signals()
theme_changed = _signals.changed
"""Emitted with the new `Theme` after colours, fonts or the text scale changed."""

_theme = DARK
_text_scale = 1.0


def current() -> Theme:
    """The theme the window wears now."""
    return _theme


def text_scale() -> float:
    """How much larger than designed text is: the system's wish times the person's own."""
    return _text_scale


def px(length: float) -> int:
    """A length in px at 100 % text, as it is at the text scale of now."""
    return round(length * _text_scale)


def set_current(theme: Theme, scale: float) -> bool:
    """Let this be the theme of now, at this text scale. False where it was already.

    Nobody is told: whoever dresses the application in it emits `theme_changed` when that is done.
    """
    global _theme, _text_scale
    _chinese.cache_clear()
    known = theme.name == _theme.name and scale == _text_scale
    _theme, _text_scale = theme, scale
    return not known


@cache
def _chinese() -> bool:
    return QLocale().language() == QLocale.Language.Chinese


@cache
def _system_families() -> tuple[str, ...]:
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    return (*_INTERFACE, family) if family.lower() in _ALIASES else (family, *_INTERFACE)


def font(role: Role = "body", scale: float | None = None) -> QFont:
    """The font of a role, with tabular figures. The canvas gives its own scale."""
    return QFont(_font(role, _text_scale if scale is None else scale, _chinese()))


@lru_cache(maxsize=512)
def _font(role: Role, scale: float, chinese: bool) -> QFont:
    size, weight = _ROLES[role]
    if weight == QFont.Weight.Medium and chinese:
        weight = QFont.Weight.Normal
    result = QFont()
    result.setFamilies(list(_CODE if role == "code" else _system_families()))
    result.setPixelSize(max(1, round(size * scale)))
    result.setWeight(weight)
    result.setFeature(QFont.Tag("tnum"), 1)
    if role == "code":
        result.setStyleHint(QFont.StyleHint.Monospace)
        result.setFeature(QFont.Tag("liga"), 0)
        result.setFeature(QFont.Tag("calt"), 0)
    return result


def line_height(role: Role = "body") -> int:
    """Distance between two base lines of a role's running text, in px."""
    if role == "code":
        return px(20)
    return px(18 if _chinese() else 16) if role != "big" else px(24)


def set_font(widget: QWidget, role: Role) -> None:
    """Give a widget the font of a role, now and whenever the text scale changes."""
    widget.setProperty("typeRole", role)
    widget.setFont(font(role))


def set_width(widget: QWidget, length: float) -> None:
    """Give a widget a fixed width, in px at 100 %, now and whenever the text scale changes."""
    widget.setProperty("ownWidth", length)
    widget.setFixedWidth(px(length))
