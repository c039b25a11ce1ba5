"""Tables that were broken, or made to do harm: a sentence or data, whatever they hold."""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import sqlite3
import sys
import time
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.reading import summary, tables
from engine.data.reading.tables import TableFormat
from engine.message import Trouble
from tests.engine.data.reading import spreadsheet

ONCE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SIGNS = [
    "a",
    "1",
    ",",
    ";",
    "\t",
    "|",
    '"',
    "\n",
    "\r",
    "\r\n",
    "\0",
    "é",
    "王",
    ".",
    "-",
    " ",
    "NA",
    "2024-01-31",
]
MORE = ["{", "}", "[", '{"a":', "sep=;\n", "\ufeff", "1e400", "inf", "0x1", "٣", "\u2028", "SELECT 1"]


def is_told_or_read(path: Path) -> None:
    for look in (tables.read, summary.summarise, summary.summarise_beginning, tables.sheets):
        with suppress(Trouble):
            look(path)
    with suppress(Trouble):
        tables.scan(path).head(3).collect()


@ONCE
@given(
    words=st.lists(st.sampled_from(SIGNS + MORE), max_size=200),
    encoding=st.sampled_from(["utf-8", "utf-16", "gbk"]),
)
def test_any_text_is_a_table_or_told(words: list[str], encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("".join(words).encode(encoding, "ignore"))
    is_told_or_read(path)


@ONCE
@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_told(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    is_told_or_read(path)


FRAME = pl.DataFrame({"姓名": ["王", "李", None] * 30, "n": [1, 2, 3] * 30, "l": [[1.5], None, []] * 30})


def whole(kind: str, path: Path) -> bytes:
    if kind == "parquet":
        FRAME.write_parquet(path)
    elif kind == "arrow":
        FRAME.write_ipc(path)
    elif kind == "stream":
        FRAME.write_ipc_stream(path)
    elif kind == "jsonl":
        FRAME.write_ndjson(path)
    elif kind == "excel":
        spreadsheet.write(path, {"a": [["a", "b"], *[[n, "x"] for n in range(30)]]})
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE t (a, b)")
            database.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * n) for n in range(100)])
            database.commit()
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream", "jsonl", "excel", "sqlite"])
def test_a_damaged_file_is_read_or_told(kind: str, tmp_path: Path) -> None:
    """Bytes changed, taken out, put in, and the end cut off."""
    path = tmp_path / "t"
    good = whole(kind, path)
    chance = random.Random(0)
    for _ in range(30):
        data = bytearray(good)
        for _ in range(chance.choice([1, 2, 5])):
            place = chance.randrange(len(data))
            data[place : place + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
        path.write_bytes(data[: chance.choice([None, None, chance.randrange(len(data))])])
        is_told_or_read(path)


CELLS = st.text(st.sampled_from(["a", ",", '"', "\n", "é", " ", "王", "'", ";"]), max_size=8).map(
    lambda text: f"x{text}x"
)


@ONCE
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_what_a_program_wrote_is_read_cell_by_cell(rows: list[tuple[str, ...]], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    text = io.StringIO()
    csv.writer(text).writerows([("first", "second", "third"), *rows])
    path.write_text(text.getvalue(), newline="")
    table = tables.read(path)
    assert table.frame.rows() == rows
    assert not table.skipped


@ONCE
@given(
    widths=st.lists(st.integers(1, 6), min_size=3, max_size=30),
    quoted=st.booleans(),
)
def test_every_ragged_row_is_told(widths: list[int], quoted: bool, tmp_path: Path) -> None:
    """And no other, however empty the rows are."""
    path = tmp_path / "t.csv"
    cell = '"a"' if quoted else ""
    lines = ["h1,h2,h3", *(",".join([cell, *[""] * (width - 1)]) for width in widths), '"k",l,m']
    path.write_text("\n".join(lines) + "\n")
    blank = {place for place, line in enumerate(lines, 1) if not line}
    ragged = [n for n, width in enumerate(widths, 2) if width != 3 and n not in blank]
    with suppress(Trouble):  # where most rows are of another width, the table is of that
        table = tables.read(path, TableFormat(separator=",", header=True))
        if table.frame.width == 3:
            assert table.frame.height == len(lines) - 1 - len(ragged) - len(blank)
            assert sum(one.count for one in table.skipped) == len(ragged)
            named = {one.place for one in table.skipped if one.count == 1}
            assert named <= {f"t.csv, line {n}" for n in ragged}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (TableFormat(encoding="nonsense"), "encoding"),
        (TableFormat(encoding="base64"), "encoding"),
        (TableFormat(separator=",,"), "separator"),
        (TableFormat(separator="，"), "separator"),
        (TableFormat(separator='"'), "separator"),
        (TableFormat(decimal="x"), "decimal"),
        (TableFormat(kind="x"), "kind"),
        (TableFormat(kind="parquet"), "kind parquet"),
    ],
    ids=str,
)
def test_a_format_that_cannot_be_is_told(wanted: TableFormat, words: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(Trouble, match=words):
        tables.read(path, wanted)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
def test_what_is_no_ordinary_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "folder.csv").mkdir()
    for name in ("pipe", "loop", "folder.csv", "nothing"):
        with pytest.raises(Trouble, match="cannot be read"):
            tables.detect(tmp_path / name)


def test_a_sheet_that_unpacks_to_too_much_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.reading.excel_tables._MOST_UNPACKED", 2**24)
    path = tmp_path / "t.xlsx"
    spreadsheet.write(path, {"a": [["a"], [1]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(2**25))
    with pytest.raises(Trouble, match="unpacks to more than"):
        tables.read(path)


def test_a_table_larger_than_the_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.hardware.memory.available", lambda: 1000)
    path = tmp_path / "t.csv"
    path.write_text("a\n" + "1.5\n" * 1000)
    with pytest.raises(Trouble, match="Stream it"):
        tables.read(path)
    assert summary.summarise(path).rows == 1000


def test_a_stop_is_obeyed_within_a_blink(tmp_path: Path) -> None:
    """Even where a query computes and gives no row."""
    path = tmp_path / "t.sqlite"
    whole("sqlite", path)
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    began = time.monotonic()
    reader = tables.reader_of(path)
    reader._query = endless  # type: ignore[attr-defined]  # as if it were known already
    with pytest.raises(tables.Abandoned):
        next(reader.batches(cancelled=lambda: time.monotonic() - began > 0.3))
    assert time.monotonic() - began < 2


@pytest.mark.proof
def test_a_cell_of_a_hundred_megabytes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,x\n2," + b"x" * 100 * 2**20 + b'\n3,"' + b"y\n" * 2**20 + b'"\n')
    frame = tables.read(path).frame
    assert frame["a"].to_list() == [1, 2, 3]
    assert frame["b"].str.len_bytes().to_list() == [1, 100 * 2**20, 2 * 2**20]
    assert summary.summarise(path)["b"].guess == "text"
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(Trouble, match="unpacks to more than"):
        tables.read(path)
