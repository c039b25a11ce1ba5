"""The colours, fonts and measures of the window: the only place that may name a colour.

Each `Theme` holds the tokens of the design's table. `apply` puts one on the application and follows the
system from then on; who paints by hand reads `current()` at every paint and repaints on `theme_changed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from PySide6.QtCore import QLocale, QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from gui import system_look

Choice = Literal["system", "dark", "light"]


FAMILY_ICONS: Mapping[str, str] = {
    "io": "input-output",
    "dense": "dense",
    "convolution": "convolution",
    "pooling": "pool",
    "normalise": "normalise",
    "activation": "activation",
    "recurrent": "recurrent",
    "attention": "attention",
    "combine": "add",
}


def _colours(text: str) -> tuple[QColor, ...]:
    return tuple(QColor(word) for word in text.split())


def _families(text: str) -> Mapping[str, QColor]:
    return dict(zip(FAMILY_ICONS, _colours(text), strict=True))


class Theme(NamedTuple):
    """One value for each colour token, and the two traits that only the high-contrast variants change.

    Like all values that the first page needs it is no class of attrs, which takes a while to be imported.
    """

    name: str
    dark: bool
    window: QColor
    panel: QColor
    raised: QColor
    field: QColor
    hover: QColor
    tip: QColor
    canvas: QColor
    grid: QColor
    line: QColor
    line2: QColor
    node: QColor
    node_edge: QColor
    text1: QColor
    text2: QColor
    text3: QColor
    disabled: QColor
    accent: QColor
    accent_fill: QColor
    accent_on: QColor
    accent_text: QColor
    accent_ground: QColor
    success: QColor
    warning: QColor
    error: QColor
    wire: QColor
    track: QColor
    healthy: QColor
    empty: QColor
    """Empty cells of a matrix."""
    series: tuple[QColor, ...]
    families: Mapping[str, QColor]
    amounts: tuple[QColor, ...]
    """Ramp for magnitudes, from nothing to most."""
    signed: tuple[QColor, ...]
    """Ramp for weights, from most negative over zero to most positive."""
    signed_maps: tuple[QColor, ...]
    """Ramp for activation maps, from most negative over zero to most positive."""
    wire_width: float = 1.5
    tints: bool = True

    @property
    def chosen(self) -> QColor:
        """The ground of the chosen one among joined choices."""
        return self.raised if self.dark else self.accent_ground

    @property
    def knob(self) -> QColor:
        """The knob of a switch, legible on both of its tracks."""
        return self.accent_on

    def tint(self, colour: QColor, share: float) -> QColor:
        """A see-through version of a colour, fully clear where high contrast turns tints off."""
        return faded(colour, share if self.tints else 0.0)

    def high_contrast(self) -> Theme:
        """The same theme with edges in text 2, wider wires and no tints."""
        text2 = self.text2
        return self._replace(
            name=f"{self.name}, high contrast",
            node_edge=text2,
            line=text2,
            line2=text2,
            wire=text2,
            wire_width=2.0,
            tints=False,
        )


_TOKENS = """
window        #1B1C1F  #E9EAED
panel         #222327  #F7F7F8
raised        #2C2E33  #FFFFFF
field         #18191C  #FFFFFF
hover         #2A2C31  #ECEDF0
tip           #32343A  #FFFFFF
canvas        #17181B  #F0F1F3
grid          #26282C  #DDDFE3
line          #33353B  #D9DBE0
line2         #44474F  #C3C6CD
node          #26282D  #FFFFFF
node_edge     #3C3F47  #C6C9D0
text1         #E6E7EA  #1C1D21
text2         #A9ADB6  #50555F
text3         #9096A0  #616772
disabled      #5E626B  #A3A8B2
accent        #6E8BFF  #3D5BE0
accent_fill   #4F6BED  #3D5BE0
accent_on     #FFFFFF  #FFFFFF
accent_text   #9DB1FF  #2F4BC7
accent_ground #2A3050  #E0E6FD
success       #3FB68B  #0B7A56
warning       #E5A83B  #8A5A00
error         #F0646E  #C22F3D
wire          #6B707B  #7F848F
track         #3A3D44  #DADCE1
healthy       #4A4E57  #C3C7CF
empty         #18191C  #F0F1F3
"""


def _column(index: int) -> dict[str, Any]:
    return {row.split()[0]: QColor(row.split()[index]) for row in _TOKENS.strip().splitlines()}


DARK = Theme(
    name="dark",
    dark=True,
    **_column(1),
    series=_colours("#7CA2FF #F2A65A #46C3A0 #D96EA6"),
    families=_families("#979EA7 #E2A841 #6EB2E8 #3BD3AB #849C22 #E8855F #A583D6 #D0609A #B7D7E6"),
    amounts=_colours("#1D1F23 #24486B #5AA3DC #F0F7FD"),
    signed=_colours("#F2A65A #8A5A2B #2A2C31 #3B5FAF #8FB0FF"),
    signed_maps=_colours("#8F6238 #5A4331 #26282D #3F78C4 #D6E8FF"),
)

LIGHT = Theme(
    name="light",
    dark=False,
    **_column(2),
    series=_colours("#3563D9 #AD5600 #0C7A5F #A63A83"),
    families=_families("#5A6068 #A58316 #2F74B8 #0F9270 #5B7722 #8F3D0C #8A66D6 #A63A83 #6F8C9B"),
    amounts=_colours("#F6F7F9 #A9CBEA #2F74B8 #0C2742"),
    signed=_colours("#B85C00 #E9B27C #F6F7F9 #9DB6F2 #2347B5"),
    signed_maps=_colours("#B85C00 #E9B27C #F6F7F9 #9DB6F2 #2347B5"),
)


def faded(colour: QColor, share: float) -> QColor:
    """The colour with that share of its opacity, 0 to 1."""
    result = QColor(colour)
    result.setAlphaF(colour.alphaF() * share)
    return result


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """The colour that lies that share of the way from the first to the second, opaque."""

    def between(one: float, two: float) -> float:
        return one + (two - one) * share

    return QColor.fromRgbF(
        between(first.redF(), second.redF()),
        between(first.greenF(), second.greenF()),
        between(first.blueF(), second.blueF()),
    )


FULL_INK = QColor("#FFFFFF")
"""The strongest mark in a picture that is data, such as a digit somebody draws."""

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


_SCHEMES: Mapping[Choice, Qt.ColorScheme] = {
    "system": Qt.ColorScheme.Unknown,
    "dark": Qt.ColorScheme.Dark,
    "light": Qt.ColorScheme.Light,
}


class _Wearer(QObject):
    """Keeps one application in its theme while the system changes around it."""

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
        light = self.choice == "light" or (self.choice == "system" and system_look.light())
        theme = LIGHT if light else DARK
        self.wear(theme.high_contrast() if system_look.high_contrast() else theme)

    def wear(self, theme: Theme) -> None:
        from gui.style import draw_marks, palette, sheet

        global _theme, _text_scale
        _chinese.cache_clear()
        scale = system_look.text_scale() * self.scale
        known = theme.name == _theme.name and scale == _text_scale and self.app.property("worn")
        if known:
            return
        _theme, _text_scale = theme, scale
        self.app.setProperty("worn", True)
        self.app.setFont(font())
        self.app.setPalette(palette(theme))
        marks = Path(self.marks.path())
        draw_marks(theme, marks)
        self.app.setStyleSheet(sheet(theme, marks))
        for widget in self.app.allWidgets():
            if role := widget.property("typeRole"):
                widget.setFont(font(role))
            if length := widget.property("ownWidth"):
                widget.setFixedWidth(px(length))
        theme_changed.emit(theme)


_wearer: _Wearer | None = None
STYLED = "styled"
"""The property of an application that was started with Fusion: setting it later takes PySide 10 ms."""


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
    return _theme
