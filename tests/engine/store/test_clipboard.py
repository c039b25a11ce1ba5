"""Copied layers as text: there and back, and any other text is refused."""

from __future__ import annotations

import json

import pytest

from engine.message import Trouble
from engine.project.graph import Wire
from engine.store import clipboard
from tests.engine.chains import WHOLE


def test_a_copied_piece_is_a_small_project_file() -> None:
    text = clipboard.to_text(WHOLE.graph, ["n2", "n3"])
    piece = clipboard.from_text(text)
    assert list(piece.nodes) == ["n2", "n3"]
    assert piece.wires == (Wire("n2", "out", "n3", "x"),)
    assert text.startswith('{"format": 1')
    assert "recipe" not in json.loads(text)


def test_a_refusal_says_where_the_text_is_from() -> None:
    with pytest.raises(Trouble, match=r'the clipboard begins with "lorem ipsum"$'):
        clipboard.from_text("lorem ipsum")


@pytest.mark.parametrize(
    "text", ["", "hello", "{", "[]", "{}", '{"format": 1}', '{"format": 2, "nodes": []}', "no project"]
)
def test_other_text_is_not_read(text: str) -> None:
    with pytest.raises(Trouble):
        clipboard.from_text(text)
