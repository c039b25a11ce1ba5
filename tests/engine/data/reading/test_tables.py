"""Tables of a person's own, in every way that people write them."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.data.reading import tables
from engine.data.reading.tables import TableFormat
from engine.message import Trouble

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
    "packed": gzip.compress(text().encode()),
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


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_the_same_table_is_read_from_files_with_types(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"人 表[1].{kind}"
    FRAME.write_parquet(path) if kind == "parquet" else FRAME.write_ipc(path)
    table = tables.read(path)
    assert table.format.kind == kind
    assert table.frame.equals(FRAME)
    assert tables.scan(path).collect().equals(FRAME)


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
        (gzip.compress(text().encode())[:-12], "breaks off"),
        (gzip.compress(b"1,2\n" * 10_000_000), "unpacks to more than"),
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
