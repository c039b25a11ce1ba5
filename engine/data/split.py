"""Which samples train, which validate, which test."""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen

from engine.data.schema import Schema
from engine.data.settings import DataSettings
from engine.message import Trouble

LEAST_TEST = 30  # fewer test samples than this say little about a model: one of them is more than 3 %
LARGE = 150  # a set from this size on can spare them


@frozen
class Sizes:
    """How many samples each part gets. `raised` says that the test part is larger than its share, since fewer
    samples would say little.
    """

    train: int
    validation: int
    test: int
    raised: bool = False


@frozen(eq=False)
class Own:
    """The rows of the parts that a set brings itself, int64; None for a part that is drawn."""

    test: np.ndarray | None = None
    validation: np.ndarray | None = None


@frozen(eq=False)
class Rows:
    """The rows of the source that make up each part: int64, one for each sample."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def sizes(schema: Schema, settings: DataSettings) -> Sizes:
    """How many samples each part will have, without reading the data.

    Raises `Trouble` where too few are left to train on.
    """
    own = schema.samples - schema.own_test - schema.own_validation
    least = max(1, len(schema.classes)) if schema.stratified else 1
    validation = _share(own, settings.validation, least)
    asked = _share(own, settings.test, least)
    test = max(asked, LEAST_TEST) if schema.samples >= LARGE else asked
    held = (0 if schema.own_validation else validation) + (0 if schema.own_test else test)
    train = own - held - schema.gap * (2 - bool(schema.own_test) - bool(schema.own_validation))
    if train < max(2, least):
        raise Trouble(
            "Too few samples are left to train on: expected at least {least}, received {train} of {samples}, "
            "since {held} are held back for validation and test. Make these shares smaller.",
            samples=f"{schema.samples:,}",
            held=f"{held:,}",
            train=max(0, train),
            least=max(2, least),
        )
    return Sizes(
        train,
        schema.own_validation or validation,
        schema.own_test or test,
        test > asked and not schema.own_test,
    )


def split(
    schema: Schema,
    settings: DataSettings,
    target: np.ndarray,
    own: Own = Own(),
    groups: np.ndarray | None = None,
) -> Rows:
    """The rows of each part. No row is in two of them. `target` is samples×…, `own` the parts that the set
    brings itself, `groups` a number for each sample: those of one group come into one part.

    What has an order is cut by time: the first samples train, the last test, and `schema.gap` lie between two
    parts. Anything else is drawn at random by the seed, and where the target has classes, in their
    proportions: each part has some of every class of which there are enough, and training before all others.
    """
    own, count = own or Own(), sizes(schema, settings)
    rows = np.arange(schema.samples)
    if schema.ordered and own.test is None and own.validation is None:
        first = count.train + schema.gap
        return Rows(rows[: count.train], rows[first : first + count.validation], rows[-count.test :])
    for part in (own.test, own.validation):
        rows = rows if part is None else np.setdiff1d(rows, part)
    test, validation = own.test, own.validation
    drawn: list[np.ndarray] = []
    if test is None:
        rows, test = _draw(rows, count.test, schema, settings, target, groups)
        drawn.append(test)
    if validation is None:
        rows, validation = _draw(rows, count.validation, schema, settings, target, groups)
        drawn.insert(0, validation)
    if _by_class(schema, target) and groups is None and drawn:
        _share_out(target, [rows, *drawn])
    return Rows(rows, validation, test)


def _by_class(schema: Schema, target: np.ndarray) -> bool:
    """Whether each sample is of one class, in whose proportions the parts are drawn. `target` is samples×…"""
    return bool(schema.classes) and schema.stratified and target.ndim == 1


def _draw(
    rows: np.ndarray,
    count: int,
    schema: Schema,
    settings: DataSettings,
    target: np.ndarray,
    groups: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The rows that stay, and so many that are drawn from them: as many as whole groups allow."""
    from sklearn.model_selection import GroupShuffleSplit, train_test_split

    if groups is not None:
        there = len(np.unique(groups[rows]))
        if there < 2:
            raise Trouble(
                "All samples that are left belong to one group: expected at least two, so that parts can "
                "have different ones. Take another column for the groups.",
            )
        share = min(max(count / len(rows), 1 / there), 1 - 1 / there)
        draws = GroupShuffleSplit(16, test_size=share, random_state=settings.seed).split(
            rows, None, groups[rows]
        )
        # groups differ in size: of several draws the one whose share of samples comes nearest
        kept, drawn = min(draws, key=lambda draw: abs(len(draw[1]) - count))
        return rows[kept], rows[drawn]
    if not _by_class(schema, target):
        kept, drawn = train_test_split(rows, test_size=count, random_state=settings.seed)
        return kept, drawn
    labels = target[rows]
    single = (
        np.bincount(labels, minlength=len(schema.classes))[labels] == 1
    )  # there are no proportions of one
    kept, drawn = train_test_split(
        rows[~single], test_size=count, random_state=settings.seed, stratify=labels[~single]
    )
    return np.concatenate([kept, rows[single]]), drawn


def _share_out(target: np.ndarray, parts: list[np.ndarray]) -> None:
    """Give each part, the first before the others, one of every class as far as there are enough, in exchange
    for one of the class that it has most of. Proportions leave out what is rare.
    """
    counts = np.stack([np.bincount(target[rows], minlength=int(target.max()) + 1) for rows in parts])
    for label in np.flatnonzero(counts.sum(0)):
        for part in np.flatnonzero(counts[:, label] == 0):
            giver, other = int(counts[:, label].argmax()), int(counts[part].argmax())
            # one that is alone stays, unless the first part has none: what is not learnt cannot be judged
            if counts[giver, label] < 2 and part != 0:
                continue
            ours = np.flatnonzero(target[parts[part]] == other)[-1]
            theirs = np.flatnonzero(target[parts[giver]] == label)[-1]
            parts[part][ours], parts[giver][theirs] = parts[giver][theirs], parts[part][ours]
            for one, change in ((label, 1), (other, -1)):
                counts[part, one] += change
                counts[giver, one] -= change


def _share(samples: int, fraction: float, least: int) -> int:
    # 0.15 * 100 is 15.000000000000002, which must not become 16
    return max(math.ceil(round(samples * fraction, 6)), least)
