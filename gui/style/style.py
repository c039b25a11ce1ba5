"""The palette and the one style sheet, made from the tokens of a theme."""

from __future__ import annotations

from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QPalette

from gui.style import icons
from gui.style.theme import BUTTON, CONTROL, CORNER, PALETTE_ROW, px
from gui.style.tokens import Theme


class _Sheet(Template):
    """Braces stand in every rule of a style sheet, so blanks are written @name."""

    delimiter = "@"


def palette(theme: Theme) -> QPalette:
    """Qt's colour roles, filled from the tokens."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    result = QPalette()
    for name, colour in {
        role.Window: theme.window,
        role.WindowText: theme.text1,
        role.Base: theme.field,
        role.AlternateBase: theme.hover,
        role.Text: theme.text1,
        role.PlaceholderText: theme.text3,
        role.Button: theme.raised,
        role.ButtonText: theme.text1,
        role.BrightText: theme.accent_on,
        role.Highlight: theme.accent_fill,
        role.HighlightedText: theme.accent_on,
        role.Accent: theme.accent_fill,
        role.ToolTipBase: theme.tip,
        role.ToolTipText: theme.text1,
        role.Link: theme.accent_text,
        role.LinkVisited: theme.accent_text,
        role.Light: theme.raised,
        role.Midlight: theme.line,
        role.Mid: theme.line2,
        role.Dark: theme.line,
        role.Shadow: theme.line2,
    }.items():
        result.setColor(name, colour)
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(group.Disabled, name, theme.disabled)
    result.setColor(group.Disabled, role.Highlight, theme.track)
    return result


def draw_marks(theme: Theme, folder: Path) -> None:
    """Write the few signs that a style sheet takes from files into a folder, in the theme's colours."""
    for mark, (name, ink) in _MARKS.items():
        (folder / f"{mark}.svg").write_text(icons.svg(name, getattr(theme, ink).name()), "utf-8")


def sheet(theme: Theme, marks: Path) -> str:
    """Heights, corners and edges of Qt's own widgets, with signs from the folder that `draw_marks` filled.

    The window's own controls paint themselves.
    """
    values = theme._asdict().items()
    colours = {name: value.name() for name, value in values if isinstance(value, QColor)}
    measures = {
        "inner": px(CONTROL) - 2,
        "tight": px(CONTROL) - 4,
        "button": px(BUTTON) - 2,
        "row": px(PALETTE_ROW),
        "corner": CORNER,
        "stepper": px(18),
        "chevron": px(24),
    }
    return _Sheet(_SHEET).substitute(colours | measures | {"marks": marks.as_posix()})


_MARKS = {
    "closed": ("chevron-right", "text2"),
    "open": ("chevron-down", "text2"),
    "picked": ("check", "text1"),
    "ticked": ("check", "accent_on"),
}


_SHEET = """
QToolTip { background: @tip; color: @text1; border: 1px solid @line2; padding: 4px 6px; }

*[ink="text1"] { color: @text1; }
*[ink="text2"] { color: @text2; }
*[ink="text3"] { color: @text3; }
*[ink="accent_text"] { color: @accent_text; }
*[ink="success"] { color: @success; }
*[ink="warning"] { color: @warning; }
*[ink="error"] { color: @error; }
*[ground="window"] { background: @window; }
*[ground="panel"] { background: @panel; }
*[ground="tip"] { background: @tip; }
QLabel[ink]:disabled { color: @disabled; }

QLineEdit, QAbstractSpinBox, QComboBox {
    background: @field; color: @text1; border: 1px solid @line2; border-radius: @{corner}px;
    min-height: @{inner}px; max-height: @{inner}px;
    selection-background-color: @accent_fill; selection-color: @accent_on;
}
QLineEdit { padding: 0 6px; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {
    border: 0; background: transparent; padding: 0; min-height: 0;
}
QComboBox { padding: 0 0 0 8px; combobox-popup: 0; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: @text3; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
    border: 2px solid @text1; min-height: @{tight}px; max-height: @{tight}px;
}
QLineEdit:focus { padding: 0 5px; }
QComboBox:focus { padding-left: 7px; }
QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit:focus { border: 0; padding: 0; min-height: 0; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: @disabled; border-color: @line; }
QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"], QComboBox[wrong="true"] { border-color: @error; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    subcontrol-origin: border; width: @{stepper}px; border: 0; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: right; width: @{chevron}px; border: 0 }
QComboBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox QAbstractItemView {
    background: @tip; color: @text1; border: 1px solid @line2; padding: 4px; outline: 0;
    selection-background-color: @accent_ground; selection-color: @text1;
}
QComboBox QAbstractItemView::item { min-height: @{row}px; padding: 0 4px; border-radius: 4px; }

QPlainTextEdit, QTextEdit {
    background: @field; color: @text1; border: 1px solid @line2; border-radius: @{corner}px;
    selection-background-color: @accent_fill; selection-color: @accent_on;
}
QPlainTextEdit:focus, QTextEdit:focus { border-color: @text1; }
*[bare="true"] { border: 0; border-radius: 0; }

QPushButton {
    background: @raised; color: @text1; border: 1px solid @line2; border-radius: 6px;
    min-height: @{button}px; padding: 0 12px;
}
QPushButton:hover { background: @hover; }
QPushButton:default { background: @accent_fill; color: @accent_on; border-color: @accent_fill; }
QPushButton:focus { border: 2px solid @text1; padding: 0 11px; min-height: @{button}px; }
QPushButton:disabled { color: @disabled; border-color: @line; }

QToolButton { background: transparent; border: 2px solid transparent; border-radius: @{corner}px }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:open { background: @raised; }
QToolButton:checked { background: @accent_ground; color: @accent_text; }
QToolButton:focus { border-color: @text1; }
QToolButton::menu-indicator { image: none; }

QCheckBox, QRadioButton { spacing: 8px; color: @text1; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid @line2; border-radius: 4px; background: @field;
}
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @text3; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked {
    background: @accent_fill; border-color: @accent_fill; image: url("@{marks}/ticked.svg");
}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {
    border: 2px solid @text1; width: 12px; height: 12px;
}
QCheckBox:disabled, QRadioButton:disabled { color: @disabled; }

QMenu { background: @tip; color: @text1; border: 1px solid @line2; padding: 4px; }
QMenu::item { padding: 0 24px 0 8px; height: @{row}px; border-radius: 4px; }
QMenu::item:selected { background: @accent_ground; }
QMenu::item:disabled { color: @disabled; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 16px; height: 16px; padding-left: 2px; }
QMenu::indicator:checked { image: url("@{marks}/picked.svg"); }
QMenu::right-arrow { image: url("@{marks}/closed.svg"); width: 16px; height: 16px; padding-right: 4px; }
QMenu::separator { height: 1px; background: @line2; margin: 4px 0; }

QAbstractItemView {
    background: @panel; color: @text1; border: 0; outline: 0; alternate-background-color: @panel;
    selection-background-color: @accent_ground; selection-color: @text1;
}
QTreeView::item, QListView::item { height: @{row}px; }
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover { background: @hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {
    background: @accent_ground; color: @text1;
}
QTreeView::branch:has-children:closed { image: url("@{marks}/closed.svg"); }
QTreeView::branch:has-children:open { image: url("@{marks}/open.svg"); }
QHeaderView { background: @panel; }
QHeaderView::section {
    background: @panel; color: @text2; border: 0; border-bottom: 1px solid @line; padding: 0 8px;
    min-height: @{row}px;
}

QTableView[samples="true"] QHeaderView::section { color: @text3; padding: 0 12px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @track; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: @text3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QSplitter::handle { background: @line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: @accent; }

QProgressBar {
    background: @track; border: 0; border-radius: 2px; min-height: 4px; max-height: 4px; color: transparent;
}
QProgressBar::chunk { background: @accent; border-radius: 2px; }
QDialog { background: @panel; }
"""
