"""Losses and metrics in words: what they are called and how their values are written."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.text.words import figure, percent

SHARES = frozenset({"accuracy", "balanced_accuracy", "precision", "recall", "f1"})
"""The metrics that are shares of one."""
OWN_UNITS = frozenset({"mae", "rmse", "persistence"})
"""The metrics that are measured in the target's own units."""


def _key(name: str) -> str:
    """The metric itself, without the Output it belongs to."""
    return name.rpartition(".")[2]


def titled(name: str) -> str:
    """What a metric is called: `balanced_accuracy` is "Balanced accuracy"; that of one of several
    Outputs names it.
    """
    translate = QCoreApplication.translate
    titles = {
        "loss": translate("measures", "Loss"),
        "penalty": translate("measures", "Penalty"),
        "accuracy": translate("measures", "Accuracy"),
        "balanced_accuracy": translate("measures", "Balanced accuracy"),
        "precision": translate("measures", "Precision"),
        "recall": translate("measures", "Recall"),
        "f1": translate("measures", "F1"),
        "mae": translate("measures", "Mean absolute error"),
        "rmse": translate("measures", "RMSE"),
        "r2": translate("measures", "R²"),
        "persistence": translate("measures", "RMSE of persistence"),
    }
    output, _, key = name.rpartition(".")
    title = titles.get(key, key.replace("_", " ").capitalize())
    return f"{output}: {title}" if output else title


def valued(name: str, value: float, unit: str = "") -> str:
    """A metric's value: shares in percent, errors with their unit."""
    key = _key(name)
    if key in SHARES:
        return percent(value)
    text = figure(value)
    return f"{text} {unit}" if unit and key in OWN_UNITS else text


def log_by_nature(name: str) -> bool:
    """Whether a quantity is best seen on a logarithmic axis."""
    return _key(name) == "loss"
