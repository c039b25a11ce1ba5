"""What written texts are taken for when they are opened: a corpus to write like, or words with tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from engine.data.columns.categories import CategoryColumn
from engine.data.columns.column_type import Values, missing
from engine.data.columns.tags import TagsColumn, tags_of
from engine.data.columns.text import CHARACTER, GIVEN, MARK, PIECE, TextColumn
from engine.data.fingerprint import fingerprint
from engine.data.own.file_source import FileSource
from engine.data.own.text_lines import FILE, LINE, TEXT, TextLines
from engine.data.reading.encodings import encoding_of
from engine.data.reading.text_blocks import head_of
from engine.data.sampling import PIECE as PIECE_LENGTH
from engine.data.sampling import NextToken
from engine.data.settings import ColumnSettings, DataSettings
from engine.message import Trouble

WRITTEN = (".txt", ".text", ".md")
LINES = 20
"""Lines of a list of texts at least: what has fewer is one text."""
BLANK = 0.02
"""Share of empty lines from which on a file is one text of paragraphs or verses."""
LARGE = 5_000_000
"""Characters from which on a corpus is better read in pieces of words than letter by letter."""
MOST_SIGNS, MOST_PIECES = 5_000, 4_000
"""Different characters, or pieces of words, that are told apart to begin with."""
MOST_TAGS, LONGEST, LOOKED_AT = 100, 256, 2000
"""Different tags, and tags of one text, to begin with; and the rows that are looked at to find them."""


def is_written(path: Path) -> bool:
    """Whether a file is text to be read, and no table with the name of one: it ends so, and its lines have
    not all the same number of separators.
    """
    if path.suffix.lower() not in WRITTEN:
        return False
    head, whole = head_of(path, 2**16)
    lines = head.decode(encoding_of(head, whole), "replace").splitlines()
    lines = [line for line in (lines if whole else lines[:-1])[:200] if line.strip()]
    if len(lines) < 2:
        return True
    fields = (r"\t", ";", r"\|", r",(?! )")  # a comma before a space is one of a sentence
    counts = ({len(re.findall(one, line)) for line in lines} for one in fields)
    return not any(len(found) == 1 and found != {0} for found in counts)


def open_lines(source: TextLines) -> DataSettings:
    """A text file as a corpus: a text a line, or one text where it has paragraphs. Raises `Trouble`."""
    texts = source.texts()
    blank = len(texts.empty) / max(1, len(texts.texts) + len(texts.empty))
    if source.each == LINE and (len(texts.texts) < LINES or blank > BLANK):
        source = source.with_setting("each", FILE)
        texts = source.texts()
    if not any(text.strip() for text in texts.texts):
        raise Trouble("{path} holds no text: all of it is empty. Choose another file.", path=source.path)
    source = source.with_setting("samples", len(texts.texts))
    source = source.with_setting("fingerprint", fingerprint(source.files()))
    return corpus(source, TEXT, texts.texts)


def corpus(source: FileSource, name: str, texts: Iterable[object], *others: ColumnSettings) -> DataSettings:
    """Texts to learn to write like: letter by letter, or in pieces of words where there is much of it."""
    known = [text for text in texts if isinstance(text, str)]
    letters = sum(map(len, known))
    if letters > LARGE:
        column = TextColumn(unit=PIECE, size=MOST_PIECES, length=PIECE_LENGTH, small_letters=False)
        tokens = letters // 4
    else:
        signs = len(set().union(*known)) if known else 0
        longest = max(map(len, known), default=0) + 1
        column = TextColumn(
            unit=CHARACTER,
            size=min(signs + MARK + 1, MOST_SIGNS),
            length=min(longest, PIECE_LENGTH),
            small_letters=False,
        )
        tokens = letters + len(known)
    ignored = (one.with_setting("role", "group" if one.role == "group" else "ignore") for one in others)
    return DataSettings(
        source=source,
        columns=(ColumnSettings(name=name, type=column), *ignored),
        sampling=NextToken(length=column.length, tokens=tokens),
    )


def with_tags(
    columns: Sequence[ColumnSettings], known: Callable[[str, int | None], Values]
) -> tuple[tuple[ColumnSettings, ...], str]:
    """The columns, with one that has a tag for each word of another as such; and its name, empty where there
    is none. `known` gives the first values of a column, or all.
    """
    fields = {
        one.name: [tags_of(value) for value in values]
        for one in columns
        if isinstance(one.type, TextColumn | CategoryColumn)
        and (values := known(one.name, LOOKED_AT)).dtype == object
        and not missing(values).all()
    }
    lengths = {name: [len(field) for field in found] for name, found in fields.items()}
    kinds = {name: {tag for field in found for tag in field} for name, found in fields.items()}
    for text, of_words in lengths.items():
        if sum(of_words) < 1.5 * len(of_words):
            continue
        for tags, of_tags in lengths.items():
            few = 1 < len(kinds[tags]) <= MOST_TAGS and len(kinds[tags]) < len(kinds[text])
            if tags != text and of_words == of_tags and few and 10 * len(kinds[tags]) <= sum(of_tags):
                return _tagged(columns, text, tags, known), tags
    return tuple(columns), ""


def _tagged(
    columns: Sequence[ColumnSettings], text: str, tags: str, known: Callable[[str, int | None], Values]
) -> tuple[ColumnSettings, ...]:
    words = [tags_of(value) for value in known(text, None)]
    length = min(LONGEST, max(map(len, words)))
    names = tuple(sorted({tag for value in known(tags, None) for tag in tags_of(value)}))
    kinds = len({word.lower() for some in words for word in some})
    types = {
        text: TextColumn(unit=GIVEN, length=length, size=min(kinds + MARK, 10_000)),
        tags: TagsColumn(names=names, length=length),
    }
    return tuple(
        one.with_setting("type", types[one.name]).with_setting("role", "input") if one.name in types else one
        for one in columns
    )
