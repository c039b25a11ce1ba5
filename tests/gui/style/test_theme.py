"""The theme says what the design's table says, everybody can read it, and nothing else names a colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QFont, QIcon, QScreen
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.kinds.shapes import per_sample
from engine.message import Message, Refused
from gui.style import icons, system_look, theme, tokens
from gui.style.apply import apply
from gui.style.tokens import DARK, LIGHT, Theme
from gui.text import words

THEMES = [DARK, LIGHT, DARK.high_contrast(), LIGHT.high_contrast()]
GROUNDS = ("window", "panel", "raised", "field", "hover", "canvas", "node")


def luminance(colour: QColor) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio by WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor(119, 119, 119), QColor("white")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("worn", THEMES, ids=lambda worn: worn.name)
def test_text_can_be_read_on_every_ground(worn: Theme) -> None:
    pairs = [(ink, ground) for ink in ("text1", "text2") for ground in (*GROUNDS, "tip")]
    pairs += [("text3", ground) for ground in GROUNDS if ground != "raised"]
    pairs += [
        (ink, ground) for ink in ("success", "warning", "error") for ground in ("panel", "node", "field")
    ]
    pairs += [("accent_on", "accent_fill"), ("accent_text", "accent_ground"), ("text1", "accent_ground")]
    pairs += [("accent_text", "panel"), ("accent_text", "tip")]
    low = {
        f"{ink} on {ground}": round(contrast(getattr(worn, ink), getattr(worn, ground)), 2)
        for ink, ground in pairs
        if contrast(getattr(worn, ink), getattr(worn, ground)) < 4.5
    }
    assert not low


@pytest.mark.parametrize("worn", THEMES, ids=lambda worn: worn.name)
def test_marks_that_carry_meaning_stand_out(worn: Theme) -> None:
    for colour in (worn.accent, *worn.series):
        assert contrast(colour, worn.panel) >= 3
    for family, colour in worn.families.items():
        assert contrast(colour, worn.node) >= 3, family
    assert contrast(worn.wire, worn.canvas) >= 3


def test_tokens_are_those_of_the_design() -> None:
    assert DARK.window.name() == "#1b1c1f"
    assert LIGHT.accent_fill.name() == LIGHT.accent.name() == "#3d5be0"
    assert DARK.families["normalise"].name() == "#849c22"
    assert LIGHT.families["normalise"].name() == "#5b7722"
    assert [len(worn.series) for worn in THEMES] == [4] * 4
    assert DARK.signed[2].name() == "#2a2c31"


def test_high_contrast_makes_edges_text_and_drops_tints() -> None:
    plain, high = DARK, DARK.high_contrast()
    assert high.line == high.line2 == high.node_edge == plain.text2
    assert (high.wire_width, plain.wire_width) == (2.0, 1.5)
    assert high.tint(plain.accent, 0.22).alpha() == 0
    assert plain.tint(plain.accent, 0.22).alphaF() == pytest.approx(0.22, abs=0.01)


def test_no_colour_is_named_outside_the_theme() -> None:
    folder = Path(theme.__file__).parents[1]
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b|\bGlobalColor\.(?!transparent)\w+|\brgba?\(\s*\d")
    found = {
        str(file.relative_to(folder)): literal.findall(file.read_text("utf-8"))
        for file in folder.rglob("*.py")
        if file.name != "tokens.py" and literal.search(file.read_text("utf-8"))
    }
    assert not found


def test_the_choice_is_worn_and_told(gui: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.theme_changed) as told:
        apply(gui, "light")
    assert told.args == [LIGHT]
    assert theme.current() is LIGHT
    assert gui.palette().window().color() == LIGHT.window
    with qtbot.assertNotEmitted(theme.theme_changed):
        apply(gui, "light")


class System:
    """What a desktop wishes for; the offscreen one has no wishes of its own."""

    def __init__(self) -> None:
        self.scheme = Qt.ColorScheme.Light
        self.contrast = Qt.ContrastPreference.NoPreference

    def primaryScreen(self) -> QScreen:
        return QApplication.primaryScreen()

    def styleHints(self) -> System:
        return self

    def accessibility(self) -> System:
        return self

    def colorScheme(self) -> Qt.ColorScheme:
        return self.scheme

    def contrastPreference(self) -> Qt.ContrastPreference:
        return self.contrast


def test_the_system_is_followed_only_when_asked(gui: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    system = System()
    monkeypatch.setattr(system_look, "QGuiApplication", system)
    changed = gui.styleHints().colorSchemeChanged
    assert apply(gui, "system") is LIGHT
    system.scheme = Qt.ColorScheme.Dark
    changed.emit(system.scheme)
    assert theme.current() is DARK
    system.contrast = Qt.ContrastPreference.HighContrast
    changed.emit(system.scheme)
    assert theme.current().name == "dark, high contrast"
    system.contrast = Qt.ContrastPreference.NoPreference
    system.scheme = Qt.ColorScheme.Light
    assert apply(gui, "dark") is DARK
    changed.emit(system.scheme)
    assert theme.current() is DARK


def test_larger_text_reaches_fonts_and_measures(gui: QApplication, qtbot: QtBot) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    theme.set_font(label, "card")
    before = label.font().pixelSize()
    apply(gui, "dark", scale=2.0)
    assert label.font().pixelSize() == 2 * before
    assert theme.px(26) == round(26 * theme.text_scale())


def test_fonts_have_the_roles_sizes_and_tabular_figures(gui: QApplication) -> None:
    assert [theme.font(role, 1.0).pixelSize() for role in ("body", "hint", "card", "big")] == [12, 11, 13, 18]
    assert theme.font("title").weight() == QFont.Weight.DemiBold
    assert theme.font("body").featureValue(QFont.Tag("tnum")) == 1
    assert theme.font("code").featureValue(QFont.Tag("liga")) == 0
    assert theme.font("code").families()[0] == "JetBrains Mono"


def test_every_family_has_its_icon(gui: QApplication) -> None:
    assert set(tokens.FAMILY_ICONS) == set(DARK.families) == set(LIGHT.families)
    assert set(tokens.FAMILY_ICONS.values()) <= set(icons.names())


def ink_of(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> QColor:
    """The colour of an icon's most opaque point."""
    image = icon.pixmap(16, 16, mode).toImage()
    points = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(points, key=QColor.alpha)


def near(first: QColor, second: QColor) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True))


@pytest.mark.parametrize("name", icons.names())
def test_an_icon_takes_the_colour_it_is_given(gui: QApplication, name: str) -> None:
    assert icons.renderer(name, DARK.error.name()).isValid()
    picture = icons.pixmap(name, DARK.error, 16, 2.0)
    assert (picture.width(), picture.devicePixelRatio()) == (32, 2.0)
    assert near(ink_of(QIcon(picture)), DARK.error)


def test_icons_follow_the_theme_and_fade_when_disabled(gui: QApplication, qtbot: QtBot) -> None:
    button, action = QToolButton(), QAction("Open")
    qtbot.addWidget(button)
    icons.dress(button, "open")
    icons.dress(action, "save", "convolution")
    assert near(ink_of(button.icon()), DARK.text1)
    assert near(ink_of(action.icon()), DARK.families["convolution"])
    assert near(ink_of(button.icon(), QIcon.Mode.Disabled), DARK.disabled)
    apply(gui, "light")
    assert near(ink_of(button.icon()), LIGHT.text1)
    assert near(ink_of(action.icon()), LIGHT.families["convolution"])
    icons.dress(button, "close", "error")
    assert near(ink_of(button.icon()), LIGHT.error)


def test_icons_lie_where_an_installed_package_finds_them() -> None:
    assert len(icons.names()) >= 68
    assert {"play", "stop", "input-output", "chevron-down"} <= set(icons.names())


def test_play_and_stop_are_filled(gui: QApplication) -> None:
    middle = [
        icons.pixmap(name, DARK.text1, 16).toImage().pixelColor(7, 8).alpha() for name in ("stop", "frame")
    ]
    assert middle[0] == 255
    assert middle[1] < 255


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (words.exact(89226), "89,226"),
        (words.exact(-7), "−7"),
        (words.signed(2112), "+2,112"),
        (words.signed(-18464), "−18,464"),
        (words.signed(0), "0"),
        (words.short(11_503_104), "11.5 M"),
        (words.short(4810), "4,810"),
        (words.short(999_999), "1.00 M"),
        (words.short(-25_600_000), "−25.6 M"),
        (words.bytes_text(50176), "49.0 KB"),
        (words.bytes_text(512), "512 B"),
        (words.bytes_text(38 * 2**20), "38.0 MB"),
        (words.bytes_text(2**20 - 1), "1.00 MB"),
        (words.figure(0.0990), "0.0990"),
        (words.figure(1.31812, 4), "1.318"),
        (words.figure(-0.012), "−0.0120"),
        (words.figure(9.8e-4, 2), "9.8e-4"),
        (words.figure(0.9999), "1.00"),
        (words.figure(float("nan")), "NaN"),
        (words.figure(float("-inf")), "−∞"),
        (words.plain(1e-5), "1e-5"),
        (words.plain(0.001), "0.001"),
        (words.plain(-3), "−3"),
        (words.plain(2.0), "2"),
        (words.percent(0.988), "98.8 %"),
        (words.duration(41), "0:41"),
        (words.duration(3725.4), "1:02:05"),
        (words.duration(59.6), "1:00"),
    ],
)
def test_numbers_are_written_as_the_design_says(said: str, text: str) -> None:
    assert said == text


def test_sentences_carry_numbers_shapes_and_further_sentences(gui: QApplication) -> None:
    inner = Message("at least {lo}", lo=-1)
    message = Message(
        "expected {limit}, received {shape} with {count}", limit=inner, shape=per_sample(64, 7), count=31370
    )
    assert words.words(message) == "expected at least −1, received N×64×7 with 31,370"
    assert words.words(Refused("no {a:.1f}", a=-2.25)) == "no −2.2"
    assert words.words(Message("{all}", all=("a", 2, None, True))) == "a, 2, none, on"
    assert words.words("as it is") == "as it is"


def test_a_translation_with_wrong_blanks_falls_back_to_english(
    gui: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    translated = {"{a} layers": "{b} 层", "{a} wires": "连线 {a}"}

    class Translation:
        @staticmethod
        def translate(context: str, text: str) -> str:
            return translated.get(text, text) if context == "engine" else text

    monkeypatch.setattr(words, "QCoreApplication", Translation)
    assert words.words(Message("{a} layers", a=1200)) == "1,200 layers"
    assert words.words(Message("{a} wires", a=3)) == "连线 3"


def test_a_width_follows_the_size_of_text(gui: QApplication, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    theme.set_width(widget, 120)
    assert widget.width() == 120
    apply(gui, "dark", 2.0)
    assert widget.minimumWidth() == widget.maximumWidth() == 240
    apply(gui, "dark", 1.0)
    assert widget.maximumWidth() == 120
