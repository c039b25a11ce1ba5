"""The engine's sentences, put into words by the window."""

from __future__ import annotations

from engine.message import Message
from gui.text.words import words


def test_what_a_sentence_quotes_is_one_line_that_can_be_read() -> None:
    ugly = "a\nb\x1b[31m\u202e" + "x" * 5_000
    sentence = words(Message("{value} is no network. Choose another file.", value=ugly))
    assert sentence.startswith("a b�x")
    assert sentence.endswith("… is no network. Choose another file.")
    assert len(sentence) < 400
