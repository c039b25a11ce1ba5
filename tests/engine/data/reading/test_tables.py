"""Tables of a person's own, in every way that people write them."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.data.reading import tables
from engine.data.reading.summary import summarise
from engine.data.reading.tables import TableFormat
from engine.message import Trouble
from tests.engine.data.reading import spreadsheet

ROWS = {
    "姓名": ["王小明", "李华", "陈静", None],
    "年龄": [23, 31, 18, 40],
    "身高": [1.71, 1.8, None, 1.65],
    "生日": [date(2001, 2, 3), date(1993, 12, 31), date(2006, 1, 1), date(1984, 7, 15)],
}
FRAME = pl.DataFrame(ROWS)


def text(separator: str = ",", decimal: str = ".", end: str = "\n") -> str:
    rows = [list(ROWS), *([*row] for row in zip(*ROWS.values(), strict=True))]
    fields = [["" if one is None else str(one) for one in row] for row in rows]
    numbers = [[one.replace(".", decimal) if one[:2] == "1." else one for one in row] for row in fields]
    return end.join(separator.join(row) for row in numbers) + end


TEXTS = {
    "utf-8": text().encode(),
    "utf-8-sig": text().encode("utf-8-sig"),
    "utf-16": text().encode("utf-16"),
    "utf-16-le": text().encode("utf-16-le"),
    "gb18030": text().encode("gbk"),
    "CRLF": text(end="\r\n").encode(),
    "CR": text(end="\r").encode(),
    "tabs": text("\t").encode(),
    "bars": text("|").encode(),
    "decimal commas": text(";", ",").encode("utf-8-sig"),
    "sep=": b"sep=;\r\n" + text(";", ",", "\r\n").encode(),
    "packed": gzip.compress(text().encode(), mtime=0),
}


@pytest.mark.parametrize("way", TEXTS)
def test_the_same_table_is_read_however_its_text_is_written(way: str, tmp_path: Path) -> None:
    path = tmp_path / "人 表.csv"
    path.write_bytes(TEXTS[way])
    table = tables.read(path)
    assert table.frame.equals(FRAME)
    assert table.frame.schema == FRAME.schema
    assert table.format == tables.detect(path)
    assert table.skipped == table.renamed == ()
    assert tables.scan(path).collect().equals(FRAME)


def written(kind: str, path: Path) -> None:
    """The table in a file of that kind."""
    rows = [list(ROWS), *([*row] for row in zip(*ROWS.values(), strict=True))]
    if kind == "parquet":
        FRAME.write_parquet(path)
    elif kind == "arrow":
        FRAME.write_ipc(path)
    elif kind == "excel":
        spreadsheet.write(path, {"leer": [], "人": [[], *rows[:3], [None] * 4, *rows[3:]]})
    elif kind == "jsonl":
        named = [dict(zip(ROWS, row, strict=True)) for row in rows[1:]]
        path.write_text("\n".join(json.dumps(one, default=str, ensure_ascii=False) for one in named))
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute(f'CREATE TABLE "人 表" ({", ".join(ROWS)})')
            plain = [[str(one) if isinstance(one, date) else one for one in row] for row in rows[1:]]
            database.executemany('INSERT INTO "人 表" VALUES (?, ?, ?, ?)', plain)
            database.execute('CREATE VIEW ältere AS SELECT * FROM "人 表" WHERE 年龄 > 30')
            database.commit()


@pytest.mark.parametrize("kind", ["parquet", "arrow", "excel", "jsonl", "sqlite"])
def test_the_same_table_is_read_from_every_kind_of_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"人 表[1].{kind}"
    written(kind, path)
    wanted = TableFormat(sheet="人") if kind == "excel" else TableFormat()
    table = tables.read(path, wanted)
    assert table.format.kind == kind
    assert table.frame.equals(FRAME)
    assert table.frame.schema == FRAME.schema
    assert tables.scan(path, wanted).collect().equals(FRAME)
    assert tables.scan(path, wanted).select("身高").filter(FRAME["年龄"] > 30).collect().height == 2
    assert table.frame.equals(tables.read(path, table.format).frame)


def test_a_sheet_is_chosen_and_its_rows_are_counted_as_in_it(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    written("excel", path)
    assert tables.sheets(path) == ("leer", "人")
    with pytest.raises(Trouble, match="“leer” was expected to be a table, but it is empty"):
        tables.read(path)
    with pytest.raises(Trouble, match="a sheet “x”, but it has leer, 人"):
        tables.read(path, TableFormat(sheet="x"))
    batch = next(tables.reader_of(path, TableFormat(sheet="人")).batches())
    assert [batch.line_of(row) for row in range(4)] == [3, 4, 6, 7]


def test_a_query_only_reads_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "db.sqlite"
    written("sqlite", path)
    before = path.read_bytes()
    assert tables.sheets(path) == ("人 表", "ältere")
    assert tables.read(path, TableFormat(sheet="ältere")).frame.height == 2
    assert tables.read(path, TableFormat(sheet="SELECT 姓名, 年龄 * 2 AS x FROM ältere")).frame.columns == [
        "姓名",
        "x",
    ]
    monkeypatch.setattr("engine.data.reading.sqlite_tables.PATIENCE", 0.2)
    for query in (
        'WITH a AS (SELECT 1) DELETE FROM "人 表"',
        "SELECT load_extension('x')",
        "SELECT 1; DROP VIEW ältere",
        "SELECT writefile('x', 'y')",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
        "SELECT zeroblob(2000000000)",
        "SELECT",
        "VALUES",
        "ATTACH 'x' AS y",
    ):
        with pytest.raises(Trouble, match=r"SELECT|expected to end"):
            tables.read(path, TableFormat(sheet=query))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["db.sqlite"]


def test_what_was_written_last_beside_a_database_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (1), (2)")
        database.commit()
        beside = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
        assert "db.sqlite-wal" in beside
        assert tables.read(path).frame.rows() == [(1,), (2,)]
        assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == beside


def test_a_line_that_is_no_object_is_told_and_lists_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    deep = "[" * 100_000 + "]" * 100_000
    path.write_text(
        '{"a": 1, "l": [1]}\n{"a": 2.5, "b": "x"}\n\n{"a": \n[1]\n{"a": NaN, "s": "\\ud800"}\n{"a": '
        + deep
        + '}\n{"a": 123456789012345678901234567890}\n'
    )
    table = tables.read(path)
    assert table.frame.columns == ["a", "b", "s"]
    assert table.frame["a"].to_list() == [1, 2.5, None, 123456789012345678901234567890.0]
    assert [(one.place, str(one.reason)) for one in table.skipped] == [
        ("t.jsonl, line 4", "no JSON, where an object was expected"),
        ("t.jsonl, line 5", "no JSON object, where one was expected"),
        ("t.jsonl, line 7", "nested too deeply"),
    ]
    assert "“l” is left out" in str(table.notes[0])


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("big5", "姓名,城市\n王小明,臺北\n李華,高雄\n"),
        ("cp1252", "Käse,Größe\nGouda,groß\nBrie,schön\n"),
        ("cp1251", "Имя,Город\nИван,Москва\nОльга,Казань\n"),
        ("shift_jis", "名前,都市\nさくら,とうきょう\nひなた,おおさか\n"),
        ("euc-kr", "이름,도시\n김민수,서울\n이영희,부산\n"),
    ],
)
def test_an_encoding_is_found(encoding: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(words.encode(encoding))
    table = tables.read(path)
    assert table.format.encoding == encoding
    assert table.frame.columns == words.split("\n")[0].split(",")


def test_a_ragged_row_is_told_with_its_line_and_neither_filled_nor_dropped_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text('a,b,c\n1,2\n3,"x\ny",5\n\n7,z,\n1,2,3,4\n8,w,9\n')
    table = tables.read(path)
    assert table.frame.rows() == [(3, "x\ny", 5), (7, "z", None), (8, "w", 9)]
    assert [(one.place, str(one.reason)) for one in table.skipped] == [
        ("ragged.csv, line 2", "2 fields, where 3 were expected"),
        ("ragged.csv, line 7", "4 fields, where 3 were expected"),
    ]


def test_double_and_empty_names_become_different_ones(tmp_path: Path) -> None:
    path = tmp_path / "double.csv"
    path.write_text("double,,double,double (2),double\n1,2,3,4,5\n")
    table = tables.read(path)
    assert table.frame.columns == ["double", "column 2", "double (3)", "double (2)", "double (4)"]
    assert [one.place for one in table.renamed] == [2, 3, 5]


def test_a_column_is_numbers_only_where_all_of_it_is(tmp_path: Path) -> None:
    """However late the first word comes that is none."""
    path = tmp_path / "late.csv"
    path.write_text("n,m\n" + "1,2\n" * 800_000 + "2.5,x\n")
    assert tables.read(path, rows=3).frame.dtypes == [pl.Int64, pl.Int64]
    frame = tables.read(path).frame
    assert frame.dtypes == [pl.Float64, pl.String]
    assert frame.row(-1) == (2.5, "x")
    assert frame.height == 800_001


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (bytes(range(256)) * 20, "no text"),
        (b'a,b\n"x,1\ny,2\n', "line 2: a quotation mark"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel file"),
        (b"PAR1 and nothing else", "is damaged"),
        (b'[\n {"a": 1},\n {"a": 2}]', "one list of JSON"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"PK\x03\x04" + bytes(100), "an Excel file was expected"),
        (b"SQLite format 3\0" + bytes(1000), "cannot be read so"),
        (b"ARROW1\0\0" + bytes(100), "is damaged"),
        (b'{"a": \n[1]\n', "a JSON object in every line"),
        (gzip.compress(text().encode(), mtime=0)[:-12], "breaks off"),
        (gzip.compress(b"1,2\n" * 10_000_000, mtime=0), "unpacks to more than"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(Trouble, match=words):
        tables.read(path)


def test_a_wrong_encoding_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,2\n\xff\xfe,3\n")
    with pytest.raises(Trouble, match=r"t\.csv, line 3: text in UTF-8 was expected"):
        tables.read(path, TableFormat(encoding="utf-8"))


def test_reading_stops_when_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    with pytest.raises(tables.Abandoned):
        tables.read(path, cancelled=lambda: True)


def test_a_column_that_begins_with_nothing_is_what_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("n,d,w,a\n" + ",,,\n" * 300_000 + "1.5,2024-01-31,x,\n")
    frame = tables.read(path).frame
    assert frame.dtypes == [pl.Float64, pl.Date, pl.String, pl.String]
    assert frame.row(-1) == (1.5, date(2024, 1, 31), "x", None)
    assert tables.scan(path).tail(1).collect().equals(frame.tail(1))
    with pytest.raises(Trouble, match="“n” was expected to go on as it begins"):
        tables.scan(path, beginning=True).collect()
    assert summarise(path)["n"].guess == "number"


def test_words_for_nothing_may_have_spaces_around(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a, b, c\n1, NA, x\n2, 2.5,  \n3, ?, -\n")
    assert tables.read(path).frame.to_dict(as_series=False) == {
        "a": [1, 2, 3],
        "b": [None, 2.5, None],
        "c": [" x", None, None],
    }


def test_days_and_months_that_could_be_turned_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n01/02/2024,01/02/2024,31/01/2024\n03/04/2024,12/31/2024,01/02/2024\n")
    table = tables.read(path)
    assert table.frame.row(0) == (date(2024, 2, 1), date(2024, 1, 2), date(2024, 1, 31))
    assert [str(note)[:18] for note in table.notes] == ["The dates of “a” a"]


def test_columns_with_types_become_the_few_that_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame(
        {
            "c": pl.Series(["a", "NA"], dtype=pl.Categorical),
            "i": pl.Series([1, None], dtype=pl.UInt8),
            "f": pl.Series([1.5, float("nan")], dtype=pl.Float32),
            "b": [True, None],
            "l": [[1], []],
            "s": [{"x": 1}, None],
            "y": [b"x", None],
        }
    ).write_parquet(path)
    table = tables.read(path)
    assert table.frame.dtypes == [pl.String, pl.Int64, pl.Float64, pl.Boolean]
    assert table.frame.rows() == [("a", 1, 1.5, True), (None, None, None, None)]
    assert [str(note)[:12] for note in table.notes] == [f"The column “{name}"[:12] for name in "lsy"]
