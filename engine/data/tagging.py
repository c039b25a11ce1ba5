"""Tags beside the words that they belong to: as many of the one as of the other in every row."""

from __future__ import annotations

import numpy as np

from engine.data.columns.tags import TagsColumn, tags_of
from engine.data.columns.text import GIVEN, TextColumn
from engine.data.reading.skipped import Skipped
from engine.data.records import Records
from engine.data.settings import DataSettings
from engine.message import Message, Trouble


def matching(records: Records, settings: DataSettings) -> Records:
    """The samples that have a tag for each word. Others are left out where a person wants that. Raises
    `Trouble` where not, and where there is no text that the tags can belong to.
    """
    for target in settings.of_role("target"):
        if not isinstance(target.type, TagsColumn):
            continue
        texts = [one for one in settings.of_role("input") if isinstance(one.type, TextColumn)]
        text = next((one for one in texts if one.type.unit == GIVEN), None)  # type: ignore[attr-defined]  # a text's
        if text is None:
            raise Trouble(
                "{column} has a tag for each word: expected a text as an input that is read as given, "
                "received {texts}. Set what has a number of its own in the text to as given.",
                column=target.name,
                texts=", ".join(one.name for one in texts) or Message("none"),
            )
        words = _counts(records.columns[text.name])
        tags = _counts(records.columns[target.name])
        differing = np.flatnonzero(words != tags)
        if not len(differing):
            continue
        first = int(differing[0])
        place = records.place(int(records.numbers[first]))
        reason = Message(
            "expected a tag for each of its {words} word{words:|s}, received {tags}",
            words=int(words[first]),
            tags=int(tags[first]),
        )
        if settings.unreadable == "stop":
            raise Trouble(
                "{place}: {reason}. There {count:is|are} {count} such row{count:|s}. Correct the file, or "
                "let what cannot be read be skipped.",
                place=place,
                reason=reason,
                count=len(differing),
            )
        records = records.take(words == tags, Skipped(place, reason, len(differing)))
    return records


def _counts(values: np.ndarray) -> np.ndarray:
    """How many words or tags stand in each of N fields, int64."""
    return np.array([len(tags_of(value)) for value in values], np.int64)
