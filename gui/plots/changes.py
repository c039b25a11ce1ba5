"""What a person changed while a run was trained, in a few words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.training.reports import Changed


def change_words(change: Changed) -> str:
    """Each setting with what it became: "rate 0.0005, batch size 64"."""
    parts = (f"{_name(name)} {_value(after)}" for name, (_, after) in change.settings.items())
    return ", ".join(parts)


def _name(setting: str) -> str:
    words = setting.rpartition(".")[2].replace("_", " ")
    translated = QCoreApplication.translate("forms", words.capitalize())
    return translated[:1].lower() + translated[1:]


def _value(value: Any) -> str:
    if value is None:
        return QCoreApplication.translate("forms", "none")
    return f"{value:g}" if isinstance(value, int | float) else str(value)
