"""What all fields share: they refuse a value in words, at the place where it is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QPoint, SignalInstance
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QToolTip, QWidget

from engine.message import Message, Trouble
from gui.text.words import words

Accept = Callable[[Any], Any]
"""Gives a value in its normal form, or raises ValueError that says in words why not."""


class Field(Protocol):
    """A control that holds one value. `set_value` is silent, a person's edit is not."""

    value_changed: SignalInstance
    editing_finished: SignalInstance

    def value(self) -> Any: ...

    def set_value(self, value: Any) -> None: ...


def undoes(event: QEvent) -> bool:
    """Whether keys mean undo or redo: they belong to the document, whatever field has the focus."""
    keys = QKeySequence.StandardKey
    return isinstance(event, QKeyEvent) and (event.matches(keys.Undo) or event.matches(keys.Redo))


def reason(refusal: ValueError) -> str:
    """Why a value was refused, as a sentence."""
    cause = refusal if isinstance(refusal, Trouble) else refusal.args[0] if refusal.args else ""
    text = words(cause) if isinstance(cause, Trouble | Message) else str(cause)
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "")) and text[-1:] in ".?" else f"{text}."


def show_error(widget: QWidget, text: str) -> None:
    """Mark a field as wrong and say why, in its tip and, while it is edited, below it; "" takes it back."""
    if bool(text) != bool(widget.property("wrong")):
        widget.setProperty("wrong", bool(text))
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
    if not text and not widget.property("errorText"):
        return
    if text and not widget.property("errorText"):
        widget.setProperty("usualTip", widget.toolTip())
    usual = str(widget.property("usualTip") or "")
    widget.setProperty("errorText", text)
    widget.setToolTip(text or usual)
    widget.setAccessibleDescription(text)
    focused = widget.hasFocus() or (widget.focusWidget() is not None and widget.focusWidget().hasFocus())
    if text and focused:
        QToolTip.showText(widget.mapToGlobal(QPoint(0, widget.height() - 4)), text, widget)
    elif not text:
        QToolTip.hideText()
