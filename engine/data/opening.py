"""What data is taken for when it is opened: types and roles of its columns, for a person to correct."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.data.columns.categories import EMBEDDING, ONE_HOT, CategoryColumn, LabelsColumn
from engine.data.columns.column_type import ColumnType, Values, as_text
from engine.data.columns.images import CHANNELS, ImageColumn, MaskColumn, Outlined
from engine.data.columns.numbers import DateColumn, NumberColumn
from engine.data.columns.sounds import SoundColumn
from engine.data.columns.text import CHARACTER, WORD, TextColumn
from engine.data.columns.videos import VideoColumn
from engine.data.fingerprint import fingerprint
from engine.data.own.file_source import FileSource
from engine.data.own.folder_files import SEPARATOR, WHOLE, FolderFiles, columns_of
from engine.data.own.table_file import TableFile, table, values
from engine.data.reading.listing import Cancelled, Listing, Progress
from engine.data.reading.text_files import read_text
from engine.data.reading.walking import natural
from engine.data.settings import ColumnSettings, DataSettings
from engine.message import Trouble

if TYPE_CHECKING:
    import polars as pl

USUAL_TARGETS = ("target", "label", "class", "y", "output", "answer", "category", "species", "outcome")
FEW = 20
"""Whole numbers or texts of which there are no more are taken for categories."""
LOWEST, HEARD, LONGEST = 1000, 16_000, 10.0
"""Samples a second that sounds are brought to at least and at most to begin with: the latter hold all of
speech; and seconds at most.
"""
SIDE, LARGEST = 96, 256
"""Pictures that are larger on a side than the largest are brought to a square of the former to begin with."""
LOOKED_AT = 2000
"""Texts that are looked at to find how long they are."""
SHORT_TEXT, LONG_TEXT = 32, 256
"""Letters of a text that is read letter by letter; tokens that are read of long ones to begin with."""
MANY = 40
"""Categories of which there are more are better embedded than put one beside the other."""


def open_data(
    path: Path,
    target: str = "",
    source: FileSource | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> DataSettings:
    """The data of a file or a folder, with what its columns are taken for. `source` says how it is read where
    that is not found by itself; `target` names the column to be foretold. `progress` is told how many bytes
    are read. Raises `Trouble`, and `Abandoned` where `cancelled` says so.
    """
    if not path.exists():
        raise Trouble("There is no file or folder {path}. Check its name and the folder.", path=str(path))
    path = path.absolute()
    source = (source or (FolderFiles() if path.is_dir() else TableFile())).with_setting("path", str(path))
    if isinstance(source, FolderFiles):
        return _open_folder(source, target)
    return _open_table(source, target, progress, cancelled)


def _open_table(
    source: FileSource, target: str, progress: Progress | None, cancelled: Cancelled | None
) -> DataSettings:
    assert isinstance(source, TableFile)
    content = table(source.place, source.format, progress, cancelled)
    source = source.with_setting("samples", content.frame.height)
    source = source.with_setting("fingerprint", fingerprint(source.files()))
    columns = [ColumnSettings(name=one.name, type=type_of(one), role=_role(one)) for one in content.frame]
    return DataSettings(source=source, columns=with_target(columns, target))


def _open_folder(source: FolderFiles, target: str) -> DataSettings:
    """A folder of files: the files themselves are the input, and what is known of them the target."""
    listing = source.listing()
    found = columns_of(listing, source.annotated)
    parts = [] if listing.parts is None else listing.parts.tolist()
    for setting, value in (
        ("samples", len(listing)),
        ("own_validation", parts.count("validation")),
        ("own_test", parts.count("test")),
        ("fingerprint", fingerprint(source.files())),
    ):
        source = source.with_setting(setting, value)
    media, *others = found
    columns = [ColumnSettings(name=media, type=_type_of_files(listing))]
    picture = columns[0].type
    for name in others:
        if name == WHOLE:
            columns.append(ColumnSettings(name=name, type=CategoryColumn(), role="group"))
            continue
        if name == "mask":
            type: ColumnType = _type_of_masks(found[name], picture, listing)
        elif name == "classes":
            type = LabelsColumn(names=listing.classes, separator=SEPARATOR)
        else:
            type = _type_of_values(found[name])
        columns.append(ColumnSettings(name=name, type=type, role="input" if name == others[-1] else "ignore"))
    likely = target or next((one for one in ("mask", "class", "classes") if one in others), "")
    if not others:
        raise Trouble(
            "{path} has files, but nothing is known of them: expected a folder for each class, a table "
            "metadata.csv beside the files, or masks.",
            path=source.path,
        )
    return DataSettings(source=source, columns=with_target(columns, likely))


def _type_of_files(listing: Listing) -> ColumnType:
    """The type of the files themselves, by what they are like."""
    from engine.data.reading.survey import survey

    if listing.media == "text":
        return type_of_texts([read_text(path) for path in listing.paths[:LOOKED_AT]])
    if listing.media == "sound":
        return _type_of_sounds(listing)
    if listing.media == "video":
        return VideoColumn()
    looked = survey(listing.paths)
    height, width = looked.usual_size or (SIDE, SIDE)
    channels = next(name for name, number in CHANNELS.items() if number == min(3, looked.usual_channels or 3))
    framing = "stretch" if len(looked.sizes) == 1 else "crop"
    if max(height, width) > LARGEST:
        height = width = SIDE
        framing = "crop"
    return ImageColumn(height=height, width=width, channels=channels, framing=framing)


def type_of_texts(texts: Sequence[str]) -> TextColumn:
    """How texts like these are best cut, and how long they are: letters where they are short or have no
    spaces, else words.
    """
    lengths = sorted(map(len, texts)) or [1]
    spaces = sum(text.count(" ") for text in texts) / max(1, sum(lengths))
    unit = CHARACTER if lengths[-1] <= SHORT_TEXT or spaces < 0.05 else WORD
    column = TextColumn(unit=unit, length=lengths[-1] or 1)
    counts = sorted(len(one) for one in column.cut(texts)) or [1]
    length = max(1, counts[int(0.95 * (len(counts) - 1))])
    kinds = len({token for one in column.cut(texts) for token in one})
    return TextColumn(unit=unit, length=min(length, LONG_TEXT), size=min(max(kinds + 2, 3), 10_000))


def _type_of_sounds(listing: Listing) -> SoundColumn:
    """At the rate of most of them, up to one that holds all of speech, and as long as the longest, within
    reason.
    """
    from engine.data.reading.sounds import survey

    looked = survey(listing.paths)
    rate = min(max(looked.rate or HEARD, LOWEST), HEARD)
    _, median, longest = looked.seconds
    seconds = min(longest, 2 * median, LONGEST) or 1.0
    # frames of 32 ms, which tell pitches apart and hear every sound of a word
    frame = 2 ** round(math.log2(rate * 0.032))
    bands = min(40, frame // 6)  # each of them with a row of the spectrum or more
    return SoundColumn(
        rate=rate, seconds=max(0.01, round(seconds, 2)), frame=frame, hop=frame // 2, bands=bands
    )


def _type_of_masks(masks: Values, picture: ColumnType, listing: Listing) -> MaskColumn:
    size = {name: getattr(picture, name) for name in ("height", "width", "framing")}
    if any(isinstance(one, Outlined) for one in masks):
        names = ("nothing", *listing.classes)
        return MaskColumn(values=tuple(range(len(names))), names=names, **size)
    from engine.data.reading.masks import survey_masks

    found = survey_masks([Path(one) for one in masks if one])
    values = found.values or (0, 255)
    names = ("no", "yes") if len(values) == 2 else tuple(map(str, values))
    return MaskColumn(values=values, names=names, **size)


def _type_of_values(found: Values) -> ColumnType:
    """The type of what a table beside the files says of them."""
    if found.dtype != object:
        whole = found[np.isfinite(found)]
        kinds = len(np.unique(whole))
        few = kinds <= FEW and len(whole) > 2 * kinds and bool((whole == np.round(whole)).all())
        if not few:
            return NumberColumn()
    names = tuple(natural_sorted({text for one in found if (text := as_text(one)) is not None}))
    return CategoryColumn(names=names, encoding=ONE_HOT if len(names) <= MANY else EMBEDDING)


def natural_sorted(names: set[str]) -> list[str]:
    """Names as a person sorts them: `class 2` before `class 10`."""
    return sorted(names, key=natural)


def with_target(columns: Sequence[ColumnSettings], name: str = "") -> tuple[ColumnSettings, ...]:
    """The columns with that one as the only target, or the one that is most likely meant. Raises `Trouble`
    where there is none of that name.
    """
    names = [one.name for one in columns]
    if name and name not in names:
        raise Trouble(
            "There is no column {name}: expected one of {names}.", name=name, names=", ".join(names[:20])
        )
    used = [one.name for one in columns if one.role != "ignore"]
    usual = (one for one in used if one.strip().lower() in USUAL_TARGETS)
    name = name or next(usual, used[-1] if used else "")
    roles = {one.name: "input" if one.role == "target" else one.role for one in columns} | {name: "target"}
    return tuple(one.with_setting("role", roles[one.name]) for one in columns)


def type_of(column: pl.Series) -> ColumnType:
    """What a column of a table is taken for."""
    import polars as pl

    known = column.drop_nulls()
    if column.dtype in {pl.Date, pl.Datetime}:
        return DateColumn()
    few = known.n_unique() <= FEW
    if column.dtype == pl.String and _is_text(known):
        return type_of_texts(known.head(LOOKED_AT).to_list())
    if column.dtype.is_numeric():
        whole = bool((known == known.round()).all()) if len(known) else False
        return _category(column) if whole and few and len(known) > 2 * known.n_unique() else NumberColumn()
    return _category(column)


def _is_text(known: pl.Series) -> bool:
    """Whether the words of a column are to be read: most are different, and they are long or have spaces."""
    if not len(known) or known.n_unique() <= len(known) // 2:
        return False
    texts: list[str] = known.to_list()
    spaced = sum(len(text.split()) > 1 for text in texts) / len(texts)
    return spaced > 0.5 or sum(map(len, texts)) / len(texts) > SHORT_TEXT / 2


def _category(column: pl.Series) -> CategoryColumn:
    found = values(column.drop_nulls().unique().sort())
    names = tuple(dict.fromkeys(text for one in found if (text := as_text(one)) is not None))
    return CategoryColumn(names=names, encoding=ONE_HOT if len(names) <= MANY else EMBEDDING)


def _role(column: pl.Series) -> str:
    """An input, unless it says nothing: the same everywhere, or another text in every row."""
    import polars as pl

    known = column.drop_nulls()
    if known.n_unique() < 2:
        return "ignore"
    names = column.dtype == pl.String and not _is_text(known) and known.n_unique() > len(known) // 2 > FEW
    return "ignore" if names else "input"
