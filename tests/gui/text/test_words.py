"""The engine's sentences, put into words by the window."""

from __future__ import annotations

from engine.message import Message, Trouble
from gui.text.words import begun, stated, words


def test_what_a_sentence_quotes_is_one_line_that_can_be_read() -> None:
    ugly = "a\nb\x1b[31m\u202e" + "x" * 5_000
    sentence = words(Message("{value} is no network. Choose another file.", value=ugly))
    assert sentence.startswith("a b�x")
    assert sentence.endswith("… is no network. Choose another file.")
    assert len(sentence) < 400


def test_a_sentence_begins_with_a_capital_but_leaves_a_name_as_it_is() -> None:
    named = Message("{name} takes one wire", name="linear1")
    assert begun(Message("that wire is already there")) == "That wire is already there"
    assert begun(named) == begun(Trouble("{name} takes one wire", name="linear1")) == "linear1 takes one wire"
    assert begun(Message("{reason}", reason=named)) == "linear1 takes one wire"
    assert stated(Message("{reason}", reason=Message("too late"))) == "Too late."
    assert stated(Message("{what} is saved", what="everything")) == "Everything is saved."
