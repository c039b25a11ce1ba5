"""What the words of a text column mean: whole numbers, numbers, dates or just words. A column is what all of
its values are, never what most of them are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

if TYPE_CHECKING:
    import polars as pl

_FIRST = 100
"""Words of a column that are looked at before all are."""
_WHOLE = r"^[+-]?[0-9]{1,18}$"
"""Longer ones would lose digits as numbers: they are names of something."""
_LONG = r"^[+-]?[0-9]{19,}$"
_LEADING_ZERO = r"^[+-]?0[0-9]+$"
_NUMBER_OR_DATE_LIKE = r"^[+-]?[0-9.,]|[iI][nN][fF]"
_POINT = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(inf|Inf|INF|infinity|Infinity)$"
_COMMA = r"^[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(inf|Inf|INF|infinity|Infinity)$"
_THOUSANDS = {
    ".": r"^[+-]?[0-9]{1,3}([,' \u00a0\u202f][0-9]{3})*(\.[0-9]+)?$",
    ",": r"^[+-]?[0-9]{1,3}([.' \u00a0\u202f][0-9]{3})*(,[0-9]+)?$",
}
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"),
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
)
_TIMES = ("%H:%M:%S%.f", "%H:%M:%S", "%H:%M")
_DATE_LIKE = (
    r"^[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}日?"
    r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)


@frozen
class WordMeaning:
    """What the words of a column mean: "text", "whole", "number", "truth", "date" or "moment"; or "unknown"
    where there are none.

    `pattern` is that of dates, or "thousands" where numbers have separators between them. `plain` numbers
    stand as a program writes them, without spaces around.
    """

    kind: str = "text"
    pattern: str = ""
    plain: bool = True


TEXT, UNKNOWN = WordMeaning(), WordMeaning("unknown")
WHOLE, NUMBER, TRUTH = WordMeaning("whole"), WordMeaning("number"), WordMeaning("truth")


def meaning_of(words: pl.Series, decimal: str = ".") -> WordMeaning:
    """What all words of a column mean, those that are missing being null."""
    import polars as pl

    if words.dtype != pl.String:
        known = {pl.Int64: WHOLE, pl.Float64: NUMBER, pl.Boolean: TRUTH}
        return UNKNOWN if words.null_count() == words.len() else known.get(words.dtype.base_type(), TEXT)
    first: list[str] = words[:_FIRST].drop_nulls().to_list()
    meaning = _of_few(first, decimal)
    if words.len() <= _FIRST or (first and meaning == TEXT):
        return meaning  # by far the most columns of words are known by their first ones
    if words.null_count() == words.len():
        return UNKNOWN
    bare = words.drop_nulls().str.strip_chars()
    plain = bool((bare.str.len_bytes() == words.drop_nulls().str.len_bytes()).all())
    return _of_all(
        lambda pattern: bool(bare.str.contains(pattern).all()),
        lambda pattern: bool(bare.str.contains(pattern).any()),
        lambda: _date_meaning(bare),
        plain,
        decimal,
    )


def _of_few(words: list[str], decimal: str) -> WordMeaning:
    """The same of few words, for which an engine made for millions is slow: a table may have ten thousand
    columns.
    """
    import polars as pl

    if not words:
        return UNKNOWN
    bare = [word.strip() for word in words]
    return _of_all(
        lambda pattern: all(re.search(pattern, word, re.ASCII) for word in bare),
        lambda pattern: any(re.search(pattern, word, re.ASCII) for word in bare),
        lambda: _date_meaning(pl.Series(bare)),
        bare == words,
        decimal,
    )


def _of_all(
    all_are: Callable[[str], bool],
    some_are: Callable[[str], bool],
    dates: Callable[[], WordMeaning],
    plain: bool,
    decimal: str,
) -> WordMeaning:
    if not all_are(_NUMBER_OR_DATE_LIKE):
        return TEXT
    if not some_are(_LEADING_ZERO):
        if all_are(_WHOLE):
            return WordMeaning("whole", plain=plain)
        if some_are(_LONG):
            return TEXT
        if all_are(_POINT if decimal == "." else _COMMA):
            return WordMeaning("number", plain=plain)
        if all_are(_THOUSANDS[decimal]):
            return WordMeaning("number", "thousands", plain=False)
    return dates() if all_are(_DATE_LIKE) else TEXT


def _date_meaning(words: pl.Series) -> WordMeaning:
    for pattern in date_patterns():
        meaning = WordMeaning("moment" if ":" in pattern else "date", pattern, plain=False)
        if as_meant(words[:64], meaning).null_count() == 0 and as_meant(words, meaning).null_count() == 0:
            return meaning
    return TEXT


def date_patterns() -> tuple[str, ...]:
    """Every way to write a day, and a day with a time, the usual ones first."""
    moments = (
        f"{day}{between}{time}{zone}"
        for day in _DAYS
        for between in "T "
        for time in _TIMES
        for zone in ("", "%z")
    )
    return (*_DAYS, *moments)


def other_way_round(words: pl.Series, meaning: WordMeaning) -> bool:
    """Whether words that were taken for dates could have day and month the other way round, as Americans
    write them: nobody knows then.
    """
    day, month = meaning.pattern[:2], meaning.pattern[3:5]
    if {day, month} != {"%d", "%m"}:
        return False
    turned = evolve(meaning, pattern=month + meaning.pattern[2:3] + day + meaning.pattern[5:])
    return as_meant(words, turned).null_count() == words.null_count()


def as_meant(words: pl.Series, meaning: WordMeaning, decimal: str = ".") -> pl.Series:
    """A column of words as what they mean; what they do not mean is null."""
    return words.to_frame("words").select(meant(words=meaning, decimal=decimal))["words"].rename(words.name)


def meant(words: WordMeaning, decimal: str = ".", name: str = "words") -> pl.Expr:
    """The expression that turns a column of words into what they mean."""
    import polars as pl

    column = pl.col(name)
    if words.kind in {"text", "truth", "unknown"}:
        return column
    bare = column.str.strip_chars()
    if words.kind == "date":
        return bare.str.strptime(pl.Date, words.pattern, strict=False)
    if words.kind == "moment":
        if words.pattern.endswith("%z"):
            there = bare.str.strptime(pl.Datetime("us", "UTC"), words.pattern, strict=False)
            return there.dt.replace_time_zone(None)
        return bare.str.strptime(pl.Datetime("us"), words.pattern, strict=False)
    if words.pattern == "thousands":
        bare = bare.str.replace_all(r"[' \u00a0\u202f]" if decimal == "." else r"[.' \u00a0\u202f]", "")
    if decimal == ",":
        bare = bare.str.replace(",", ".", literal=True)
    elif words.pattern == "thousands":
        bare = bare.str.replace_all(",", "", literal=True)
    return bare.cast(pl.Int64 if words.kind == "whole" else pl.Float64, strict=False)


def type_of(meaning: WordMeaning) -> Any:
    """The type of a column of that meaning."""
    import polars as pl

    types = {"whole": pl.Int64, "number": pl.Float64, "truth": pl.Boolean, "date": pl.Date}
    return pl.Datetime("us") if meaning.kind == "moment" else types.get(meaning.kind, pl.String)


def conformed(
    column: pl.Series, meaning: WordMeaning, decimal: str = "."
) -> tuple[pl.Series, WordMeaning | None]:
    """A part of a column as its meaning wants it, and None; or the part as it came, and what it means, where
    some of its values are others.
    """
    import polars as pl

    wanted = type_of(meaning)
    if column.null_count() == column.len():
        return column.cast(wanted), None
    if meaning == UNKNOWN:
        known = meaning_of(column, decimal)
        return (as_meant(column, known, decimal) if column.dtype == pl.String else column), known
    if column.dtype == wanted or wanted == pl.String:
        return column.cast(wanted), None
    if column.dtype == pl.String:
        values = as_meant(column, meaning, decimal)
        if values.null_count() == column.null_count():
            return values, None
    elif column.dtype == pl.Int64 and wanted == pl.Float64:
        return column.cast(wanted), None
    return column, meaning_of(column, decimal)


def joined(one: WordMeaning, other: WordMeaning) -> WordMeaning:
    """What a column means of which a part means the one and a part the other."""
    if one == other or other == UNKNOWN:
        return one
    if one == UNKNOWN:
        return other
    if {one.kind, other.kind} <= {"whole", "number"}:
        kind = "whole" if one.kind == other.kind == "whole" else "number"
        pattern = one.pattern or other.pattern
        return WordMeaning(kind, pattern, one.plain and other.plain and not pattern)
    return TEXT
