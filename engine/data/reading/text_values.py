"""What the words of a text column mean: whole numbers, numbers, dates or just words. A column is what all of
its values are, never what most of them are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    import polars as pl

_WHOLE = r"^[+-]?\d{1,18}$"
"""Longer ones would lose digits as numbers: they are names of something."""
_LONG = r"^[+-]?\d{19,}$"
_LEADING_ZERO = r"^[+-]?0\d"
_POINT = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(inf|Inf|INF|infinity|Infinity)$"
_COMMA = r"^[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?$|^[+-]?(inf|Inf|INF|infinity|Infinity)$"
_THOUSANDS = {
    ".": r"^[+-]?\d{1,3}([,' \u{a0}\u{202f}]\d{3})*(\.\d+)?$",
    ",": r"^[+-]?\d{1,3}([.' \u{a0}\u{202f}]\d{3})*(,\d+)?$",
}
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"),
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
)
_TIMES = ("%H:%M:%S%.f", "%H:%M:%S", "%H:%M")
_DATE_LIKE = (
    r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
)


@frozen
class WordMeaning:
    """What the words of a column mean: "text", "whole", "number", "truth", "date" or "moment".

    `pattern` is that of dates, or "thousands" where numbers have separators between them. `plain` numbers
    stand as a program writes them, without spaces around.
    """

    kind: str = "text"
    pattern: str = ""
    plain: bool = True


TEXT = WordMeaning()
WHOLE, NUMBER, TRUTH = WordMeaning("whole"), WordMeaning("number"), WordMeaning("truth")


def meaning_of(words: pl.Series, decimal: str = ".") -> WordMeaning:
    """What all words of a column mean, those that are missing being null."""
    import polars as pl

    words = words.drop_nulls()
    if not words.len():
        return TEXT
    if words.dtype != pl.String:
        known = {pl.Int64: WHOLE, pl.Float64: NUMBER, pl.Boolean: TRUTH}
        return known.get(words.dtype.base_type(), TEXT)
    first = words[:64].str.strip_chars()
    digits = first.str.contains(r"^[+-]?[\d.,]|[iI]nf")
    if not digits.all():  # by far the most columns of words are known by their first ones
        return TEXT
    bare = words.str.strip_chars()
    plain = bool((bare.str.len_bytes() == words.str.len_bytes()).all())
    if not bare.str.contains(_LEADING_ZERO + r"\d*$").any():
        if bare.str.contains(_WHOLE).all():
            return WordMeaning("whole", plain=plain)
        if bare.str.contains(_LONG).any():
            return TEXT
        if bare.str.contains(_POINT if decimal == "." else _COMMA).all():
            return WordMeaning("number", plain=plain)
        if bare.str.contains(_THOUSANDS[decimal]).all():
            return WordMeaning("number", "thousands", plain=False)
    if bare.str.contains(_DATE_LIKE).all():
        return _date_meaning(bare)
    return TEXT


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


def as_meant(words: pl.Series, meaning: WordMeaning, decimal: str = ".") -> pl.Series:
    """A column of words as what they mean; what they do not mean is null."""
    return words.to_frame("words").select(meant(words=meaning, decimal=decimal))["words"].rename(words.name)


def meant(words: WordMeaning, decimal: str = ".", name: str = "words") -> pl.Expr:
    """The expression that turns a column of words into what they mean."""
    import polars as pl

    column = pl.col(name)
    if words.kind in {"text", "truth"}:
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
        bare = bare.str.replace_all(r"[' \u{a0}\u{202f}]" if decimal == "." else r"[.' \u{a0}\u{202f}]", "")
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
    if column.dtype == wanted:
        return column, None
    if column.null_count() == column.len() or wanted == pl.String:
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
    if one == other:
        return one
    if {one.kind, other.kind} <= {"whole", "number"}:
        kind = "whole" if one.kind == other.kind == "whole" else "number"
        pattern = one.pattern or other.pattern
        return WordMeaning(kind, pattern, one.plain and other.plain and not pattern)
    return TEXT
