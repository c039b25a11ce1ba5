"""Search as a person types."""

from __future__ import annotations

import pytest

from gui.text.fuzzy import Searchable, match, ranked

NAMES = [
    "Conv1d",
    "Conv2d",
    "MaxPool2d",
    "AvgPool2d",
    "AdaptiveAvgPool2d",
    "BatchNorm2d",
    "ReLU",
    "LeakyReLU",
    "Linear",
]
LAYERS = [(name, Searchable(name, "halves the picture" if name == "MaxPool2d" else "")) for name in NAMES]


def lit(query: str, name: str) -> str:
    """The letters of the name that the search meant."""
    hit = match(query, Searchable(name))
    assert hit is not None
    return "".join(name[place] for place in hit.letters)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("apool", "AvgPool2d"),
        ("bn", "BatchNorm2d"),
        ("relu", "ReLU"),
        ("conv2", "Conv2d"),
        ("halve", "MaxPool2d"),
        ("max pool", "MaxPool2d"),
        ("pool max", "MaxPool2d"),
    ],
)
def test_the_best_comes_first(query: str, first: str) -> None:
    assert ranked(query, LAYERS)[0][0] == first


def test_beginnings_of_words_are_meant_before_letters_within() -> None:
    assert lit("apool", "AvgPool2d") == "APool"
    assert match("apool", Searchable("AdaptiveAvgPool2d")).letters[0] == 0
    assert lit("mha", "MultiheadAttention") == "MhA"


def test_letters_strewn_over_a_sentence_are_not_found_but_those_inside_a_word_are() -> None:
    theme = Searchable("Switch between dark and light")
    assert match("head", theme) is None
    assert lit("sbd", theme.name) == "Sbd"
    assert lit("twee", theme.name) == "twee"
    assert lit("head", "MultiheadAttention") == "head"
    described = Searchable("GlobalAvgPool", "", "the head of a network")
    assert ranked("head", [(1, described), (2, Searchable("MultiheadAttention"))])[0][0] == 2


def test_what_is_not_there_is_not_found() -> None:
    assert ranked("zz", LAYERS) == []
    assert match("conv zz", Searchable("Conv2d")) is None


def test_an_empty_search_keeps_everything_in_order() -> None:
    assert [name for name, _ in ranked("  ", LAYERS)] == NAMES


def test_a_longer_name_comes_after_a_shorter_one() -> None:
    assert [name for name, _ in ranked("relu", LAYERS)] == ["ReLU", "LeakyReLU"]
