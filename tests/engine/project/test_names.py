"""Names of nodes: the lowest number that is free, whatever was given and taken away before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.layers.activation import ReLU
from engine.layers.block_ends import Entry
from engine.project.names import NodeNames


def test_a_name_has_the_lowest_number_that_is_free() -> None:
    names = NodeNames({"relu1": "a", "relu2": "b", "relu4": "c"})
    assert names.free(ReLU()) == "relu3"
    names.give("relu3", "d")
    assert names.free(ReLU()) == "relu5"
    names.take_away(["relu2"])
    assert names.free(ReLU()) == "relu2"
    assert names.owner("relu3") == "d"
    assert names.owner("relu2") is None
    assert "relu4" in names


def test_the_only_end_of_a_block_needs_no_number() -> None:
    names = NodeNames({})
    stem = names.free(Entry())
    names.give(stem, "a")
    assert names.free(Entry()) == f"{stem}1"


def test_a_copy_goes_its_own_way() -> None:
    names = NodeNames({"relu1": "a"})
    assert names.free(ReLU()) == "relu2"
    copy = names.copy()
    copy.give("relu2", "b")
    assert copy.free(ReLU()) == "relu3"
    assert names.free(ReLU()) == "relu2"


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6)), max_size=20))
def test_what_is_remembered_of_numbers_stays_true(changes: list[tuple[bool, int]]) -> None:
    names, taken = NodeNames({}), set[int]()
    for given_, number in changes:
        if given_:
            names.give(f"relu{number}", "x")
            taken.add(number)
        else:
            names.take_away([f"relu{number}"])
            taken.discard(number)
        assert names.free(ReLU()) == f"relu{min(set(range(1, 9)) - taken)}"
