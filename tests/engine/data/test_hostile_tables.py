"""Tables that are wrong in every way: a sentence or data, never a traceback."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engine.data.findings import findings
from engine.data.opening import open_data
from engine.data.overview import overview
from engine.data.prepare import prepare
from engine.data.table_types import class_counts
from engine.message import Trouble
from engine.templates.suggest import suggest

PLAIN = [f"{one},{one * 7 % 13},{'ab'[one % 2]}" for one in range(60)]
HOSTILE = {
    "empty": "",
    "a header alone": "a,b,y\n",
    "one row": "a,b,y\n1,2,x\n",
    "two rows": "a,b,y\n1,2,x\n2,3,z\n",
    "one column": "y\n" + "1\n2\n" * 40,
    "ragged": "a,b,y\n" + "\n".join([*PLAIN[:30], "1", "1,2,3,4,5", *PLAIN[30:]]),
    "one class": "a,b,y\n" + "\n".join(f"{one},{one % 7},x" for one in range(60)),
    "a class of one": "a,b,y\n" + "\n".join([*PLAIN, "99,3,rare"]),
    "every row its own class": "a,b,y\n"
    + "\n".join(f"{one * one},{one % 5},class {one}" for one in range(60)),
    "all missing": "a,b,y\n" + "\n".join(f",,{'ab'[one % 2]}" for one in range(60)),
    "no target": "a,b,y\n" + "1,2,\n" * 60,
    "infinite": "a,b,y\n" + "\n".join([*PLAIN, "inf,1,a", "-inf,nan,b", "1e400,2,a"]),
    "huge numbers": "a,b,y\n"
    + "\n".join(f"{10.0**300 * one},{2**60 + one},{'ab'[one % 2]}" for one in range(60)),
    "double names": "a,a,a,y\n" + "\n".join(f"1,{one},{one % 5},{'ab'[one % 2]}" for one in range(60)),
    "names of nothing": ",,y\n" + "\n".join(PLAIN),
    "controls": "a\x00b,b\x1b,y\n" + "\n".join(PLAIN),
    "quotes that stay open": 'a,b,y\n"1,2,x\n' + "\n".join(PLAIN),
    "mixed": "a,b,y\n" + "\n".join([*PLAIN, "abc,3,a", "4,?,b"]),
    "a copy of the target": "a,same,y\n"
    + "\n".join(f"{one * one},{'ab'[one % 2]},{'ab'[one % 2]}" for one in range(60)),
    "rows that come twice": "a,b,y\n" + "\n".join(PLAIN * 3),
    "names with equals and brackets": "a={x},{0},%s y\n" + "\n".join(PLAIN),
    "a row as target": "features,b,row\n" + "\n".join(PLAIN),
    "dates that are none": "when,b,y\n"
    + "\n".join(f"2020-13-{one},{one % 7},{'ab'[one % 2]}" for one in range(60)),
}


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def taken_in(path: Path, target: str = "") -> list[str]:
    """Everything that is done with a table that was just dropped: what is said of it."""
    said: list[str] = []
    try:
        data = open_data(path, target)
        view = overview(data)
        said += [str(one.message) for one in findings(view)]
        prepared = prepare(data)
        for part in (prepared.train, prepared.validation, prepared.test):
            assert len(part)
            assert all(np.isfinite(values).all() for values in part.batch(slice(None)).values())
        assert str(suggest(data, counts=class_counts(data)).network)
    except Trouble as trouble:
        said.append(str(trouble))
    return said


@pytest.mark.parametrize("name", HOSTILE)
def test_a_sentence_or_data(name: str) -> None:
    Path("a.csv").write_text(HOSTILE[name], encoding="utf-8", newline="")
    assert all(len(one) > 10 for one in taken_in(Path("a.csv")))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("one class", "All samples are x: expected at least two classes of y to tell apart"),
        ("a class of one", "Too few samples of rare: not every part has it"),
        ("a copy of the target", "same says the same as y in every row"),
        ("rows that come twice", "of validation or test are in training, too"),
        ("infinite", "infinite"),
    ],
)
def test_what_misleads_is_told(name: str, sentence: str) -> None:
    Path("a.csv").write_text(HOSTILE[name], encoding="utf-8", newline="")
    assert any(sentence in one for one in taken_in(Path("a.csv"), "y"))


def test_names_that_training_never_saw_are_told_with_their_rows() -> None:
    rows = [f"{one * one},{'new' if one == 150 else 'ab'[one % 2]},{'yn'[one % 2]}" for one in range(200)]
    Path("a.csv").write_text("\n".join(["a,b,y", *rows]), encoding="utf-8")
    data = open_data(Path("a.csv"))
    seeds = (data.with_setting("seed", seed) for seed in range(60))
    held = next(one for one in seeds if 150 not in prepare(one).train.rows)
    (found,) = (one for one in findings(overview(held)) if "never saw" in str(one.message))
    assert str(found.message) == "1 row of validation or test has a b that training never saw: new"
    assert found.rows is not None
    assert found.rows.tolist() == [150]


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.text(max_size=8),
                st.integers().map(str),
                st.floats().map(str),
                st.sampled_from(["", "NA", "yes", "no", "2020-01-01", '"', ";", "\t", "1,5"]),
            ),
            max_size=5,
        ),
        max_size=40,
    ),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-16", "latin-1"]),
)
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_anything_at_all(rows: list[list[str]], separator: str, encoding: str) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    Path("a.csv").write_bytes(text.encode(encoding, errors="replace"))
    taken_in(Path("a.csv"))
