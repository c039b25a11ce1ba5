"""Shapes with a symbolic batch, and the patterns that ports accept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kinds.shapes import Batch, N, Pattern, Shape, fit, per_sample


def test_a_shape_reads_as_a_person_writes_it() -> None:
    assert str(per_sample(64, 14, 14)) == "N×64×14×14"
    assert per_sample(64, 14, 14).json() == ["N", 64, 14, 14]
    assert str(Shape((Batch(5, -2), 3))) == "5N-2×3"
    assert per_sample(2, 3).at(7) == (7, 2, 3)
    assert per_sample(2, 3).size == 6


@pytest.mark.parametrize(
    ("pattern", "shape", "named"),
    [
        ("N C H W", per_sample(3, 8, 9), {"C": 3, "H": 8, "W": 9}),
        ("N C H W", per_sample(3, 8), None),
        ("N * F", per_sample(5), {"F": 5}),
        ("N * F", per_sample(2, 3, 5), {"F": 5}),
        ("N * F", Shape((N,)), None),
        ("N C *", per_sample(4, 2, 2), {"C": 4}),
        ("N C L?", per_sample(4), {"C": 4}),
        ("N C L?", per_sample(4, 9), {"C": 4, "L": 9}),
        ("N C L?", per_sample(4, 9, 9), None),
        ("N *", per_sample(), {}),
        ("N *", Shape((4, 5)), None),
        ("N F", Shape((N, Batch(2))), None),
    ],
)
def test_a_pattern_names_the_sizes_or_refuses(
    pattern: str, shape: Shape, named: dict[str, int] | None
) -> None:
    assert Pattern(pattern).match(shape) == named


@pytest.mark.parametrize(
    ("pattern", "words", "rank"),
    [("N C H W", "N×C×H×W", 4), ("N * F", "N×…×features", None), ("N C L?", "N×C or N×C×L", None)],
)
def test_a_pattern_reads_in_words(pattern: str, words: str, rank: int | None) -> None:
    assert str(Pattern(pattern)) == words
    assert Pattern(pattern).rank == rank


@given(
    st.lists(
        st.one_of(st.integers(1, 99), st.builds(Batch, st.integers(1, 9), st.integers(-9, 9))), max_size=4
    )
)
def test_two_batch_sizes_give_the_symbolic_shape_back(dims: list[int | Batch]) -> None:
    shape = Shape(tuple(dims))
    assert fit(shape.at(17), shape.at(23), (17, 23), "float") == shape


def test_sizes_that_no_line_fits_have_no_shape() -> None:
    assert fit((17, 4), (23, 5), (17, 23), "float") is None
    assert fit((17, 4), (23, 4, 1), (17, 23), "float") is None
