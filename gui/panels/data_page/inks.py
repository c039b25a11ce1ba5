"""Colours and signs of the data page: the same for a class and for a part wherever they stand."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

from gui.style import theme, tokens

_PARTS = (0, 1, 3)
"""Train, validation and test are series 1, 2 and 4, everywhere."""


def class_ink(number: int, classes: int) -> QColor:
    """The colour of a class, or of what has none (the one after the last)."""
    worn = theme.current()
    if number >= classes:
        return worn.series[0] if not classes else worn.healthy
    colour = worn.series[number % len(worn.series)]
    rounds = number // len(worn.series)
    return tokens.mixed(colour, worn.panel, min(0.55, 0.3 * rounds))


def part_ink(part: int) -> QColor:
    """The colour of a part; of what is in none where it is below 0."""
    worn = theme.current()
    return worn.series[_PARTS[part]] if part >= 0 else worn.healthy


def part_name(part: int) -> str:
    """What a part is called."""
    translate = QCoreApplication.translate
    names = (
        translate("data", "Train"),
        translate("data", "Validation"),
        translate("data", "Test"),
    )
    return names[part] if part >= 0 else translate("data", "in no part")


def role_ink(role: str) -> QColor | None:
    """The colour of what a column is for; None where it is for nothing."""
    worn = theme.current()
    if role == "target":
        return worn.success
    return None if role == "ignore" else worn.families["convolution"]


def role_name(role: str) -> str:
    """What a column is for, in a word."""
    translate = QCoreApplication.translate
    return {
        "input": translate("data", "Input"),
        "target": translate("data", "Target"),
        "ignore": translate("data", "Ignore"),
        "weight": translate("data", "Weight"),
        "group": translate("data", "Group"),
        "time": translate("data", "Time"),
    }[role]
