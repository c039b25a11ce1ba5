"""What data is taken for when it is opened: types and roles of its columns, for a person to correct."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.data.columns.categories import EMBEDDING, ONE_HOT, CategoryColumn, LabelsColumn
from engine.data.columns.column_type import ColumnType, Values, as_text
from engine.data.columns.images import CHANNELS, ImageColumn, MaskColumn, Outlined
from engine.data.columns.numbers import NumberColumn
from engine.data.columns.sounds import SoundColumn
from engine.data.columns.text import TextColumn
from engine.data.columns.videos import VideoColumn
from engine.data.fingerprint import fingerprint
from engine.data.opening_arrays import open_arrays
from engine.data.opening_texts import corpus, is_written, open_lines, with_tags
from engine.data.own.array_file import ArrayFile, holds_arrays
from engine.data.own.file_source import FileSource
from engine.data.own.folder_files import SEPARATOR, WHOLE, FolderFiles, columns_of
from engine.data.own.table_file import TableFile, table, values
from engine.data.own.text_lines import TextLines
from engine.data.reading.listing import Cancelled, Listing, Progress
from engine.data.reading.text_files import read_text
from engine.data.reading.walking import natural
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.table_types import LOOKED_AT, MANY, as_target, columns_of_table, type_of_texts
from engine.message import Trouble

USUAL_TARGETS = ("target", "label", "class", "y", "output", "answer", "category", "species", "outcome")
FEW = 20
"""Whole numbers or texts of which there are no more are taken for categories."""
LOWEST, HEARD, LONGEST = 1000, 16_000, 10.0
"""Samples a second that sounds are brought to at least and at most to begin with: the latter hold all of
speech; and seconds at most.
"""
SIDE, LARGEST = 96, 256
"""Pictures that are larger on a side than the largest are brought to a square of the former to begin with."""


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
    if source is None:
        if holds_arrays(path):
            source = ArrayFile()
        else:
            source = FolderFiles() if path.is_dir() else TextLines() if is_written(path) else TableFile()
    source = source.with_setting("path", str(path))
    if isinstance(source, TextLines):
        return open_lines(source)
    if isinstance(source, ArrayFile):
        opened = open_arrays(source)
        return opened.with_setting("columns", with_target(opened.columns, target)) if target else opened
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
    opened = DataSettings(source=source, columns=columns_of_table(content, source.summaries()))
    only, *others = sorted(opened.columns, key=lambda one: one.role == "ignore") or [ColumnSettings()]
    if not target and isinstance(only.type, TextColumn) and all(one.role == "ignore" for one in others):
        return corpus(source, only.name, values(content.frame[only.name]), *others)
    columns, tags = with_tags(opened.columns, lambda name, most: values(content.frame[name][:most]))
    opened = opened.with_setting("columns", columns)
    return retargeted(opened, target or tags or likely_target(columns))


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
    if not others and listing.media == "text":
        return corpus(source, media, found[media])
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


def likely_target(columns: Sequence[ColumnSettings]) -> str:
    """The column that is most likely meant to be foretold: one of a usual name, else the last that says
    anything; empty where there is none.
    """
    used = [one.name for one in columns if one.role != "ignore"]
    usual = (one for one in used if one.strip().lower() in USUAL_TARGETS)
    return next(usual, used[-1] if used else "")


def with_target(columns: Sequence[ColumnSettings], name: str = "") -> tuple[ColumnSettings, ...]:
    """The columns with that one as the only target, or the one that is most likely meant. Raises `Trouble`
    where there is none of that name.
    """
    names = [one.name for one in columns]
    if name and name not in names:
        raise Trouble(
            "There is no column {name}: expected one of {names}.", name=name, names=", ".join(names[:20])
        )
    name = name or likely_target(columns)
    roles = {one.name: "input" if one.role == "target" else one.role for one in columns} | {name: "target"}
    return tuple(one.with_setting("role", roles[one.name]) for one in columns)


def retargeted(data: DataSettings, name: str) -> DataSettings:
    """The data with that column as its only target, taken for what a target of its kind is. Reads the table.
    Raises `Trouble`.
    """
    columns = with_target(data.columns, name)
    return data.with_setting(
        "columns", tuple(as_target(data, one) if one.role == "target" else one for one in columns)
    )
