"""Splitting and scaling: nothing in two parts, nothing lost, nothing learnt from what is held back."""

from __future__ import annotations

from itertools import pairwise

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.data.dataset import ArrayDataset
from engine.data.prepare import Prepared, _prepared, persistence, prepare, unshared_classes
from engine.data.scale import Scaler, fit_range, fit_standard
from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.sets.pictures import Digits, Fashion
from engine.data.sets.series import CarbonDioxide, Sunspots
from engine.data.sets.tables import BreastCancer, Diabetes, Iris, Wine
from engine.data.sets.texts import FirstNames, Poems
from engine.data.sets.toys import Spirals
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.data.split import sizes, split
from engine.message import Illegal, Trouble

SOURCES: tuple[Source, ...] = (
    *(Digits(), Iris(), Wine(), BreastCancer(), Diabetes(), Fashion(), Sunspots()),
    *(CarbonDioxide(), FirstNames(), Poems(), Spirals()),
)


def name(source: Source) -> str:
    return type(source).__name__


def made(source: Source, **chosen: object) -> Prepared:
    return prepare(DataSettings(source=source, **chosen))  # type: ignore[arg-type]  # the values are the tests' own


def parts(prepared: Prepared) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return prepared.train.rows, prepared.validation.rows, prepared.test.rows


# --------------------------------------------------------------------------- parts


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_every_sample_is_in_one_part(source: Source) -> None:
    prepared = made(source)
    together = np.concatenate(parts(prepared))
    assert sorted(together.tolist()) == list(range(prepared.schema.samples))


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_parts_hold_what_the_schema_says(source: Source) -> None:
    prepared = made(source)
    count = sizes(prepared.schema, prepared.settings)
    for part, expected in (
        (prepared.train, count.train),
        (prepared.validation, count.validation),
        (prepared.test, count.test),
    ):
        assert len(part) == expected > 0
        for key, column in prepared.schema.columns.items():
            values = part.columns[key]
            assert values.shape == (len(part), *column.shape)
            assert values.dtype == (np.float32 if column.dtype == "float" else np.int64)
            assert values.flags.c_contiguous


def test_parts_cannot_be_written_to() -> None:
    part = made(Iris()).train
    for values in (*part.columns.values(), part.rows):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Digits(), (1257, 270, 270)),
        (Iris(), (97, 23, 30)),
        (Wine(), (121, 27, 30)),
        (Fashion(), (4250, 750, 1000)),
        (Sunspots(), (199, 43, 43)),
    ],
    ids=["digits", "iris", "wine", "fashion", "sunspots"],
)
def test_shares_round_up_and_a_test_part_has_at_least_thirty(
    source: Source, expected: tuple[int, int, int]
) -> None:
    assert tuple(map(len, parts(made(source)))) == expected


def test_the_smallest_share_still_holds_every_class() -> None:
    prepared = made(Iris(), validation=0.01)
    assert set(prepared.validation.columns["species"]) == {0, 1, 2}


@pytest.mark.parametrize("source", [Digits(), Iris(), Wine(), BreastCancer(), Fashion()], ids=name)
def test_parts_have_the_classes_in_proportion(source: Source) -> None:
    prepared = made(source, seed=5)
    target, classes = prepared.schema.target, len(prepared.schema.classes)
    whole = np.bincount(source.load().columns[target], minlength=classes) / prepared.schema.samples
    for part in (prepared.train, prepared.validation, prepared.test):
        counted = np.bincount(part.columns[target], minlength=classes)
        assert np.abs(counted - whole * len(part)).max() <= 1.5


def test_a_set_that_brings_a_test_part_keeps_it() -> None:
    for chosen in ({}, {"seed": 3}, {"test": 0.4}):
        assert made(Fashion(), **chosen).test.rows.tolist() == list(range(5000, 6000))


@pytest.mark.parametrize("source", [Digits(), Diabetes()], ids=name)
def test_the_seed_alone_decides_who_goes_where(source: Source) -> None:
    raw = source.load()
    known, target = source.schema(), raw.columns[source.schema().target]
    first, again, other = (split(known, DataSettings(source=source, seed=seed), target) for seed in (1, 1, 2))
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(first, part), getattr(again, part))
        assert set(getattr(first, part)) != set(getattr(other, part))


def test_the_split_of_the_default_is_the_same_on_every_machine() -> None:
    prepared = made(Iris())
    assert prepared.test.rows[:8].tolist() == [36, 55, 44, 134, 39, 90, 147, 47]
    assert prepared.validation.rows[:8].tolist() == [126, 105, 11, 58, 7, 27, 115, 68]


def test_too_little_to_train_on_is_told() -> None:
    with pytest.raises(Trouble, match=r"expected at least 3, received 0 of 150, .* 150 are held back"):
        made(Iris(), validation=0.5, test=0.5)
    with pytest.raises(Trouble, match="Make these shares smaller"):
        made(Sunspots(window=120, horizon=30), validation=0.5, test=0.4)


# --------------------------------------------------------------------------- series


@pytest.mark.parametrize("horizon", [1, 2, 11])
def test_no_year_of_a_later_part_is_seen_in_an_earlier_one(horizon: int) -> None:
    source = Sunspots(window=24, horizon=horizon)
    prepared = made(source)
    spans = []
    for part in (prepared.train, prepared.validation, prepared.test):
        targets = [source.year(row) for row in part.rows]
        assert targets == list(range(targets[0], targets[-1] + 1))
        spans.append((targets[0], targets[-1]))
    assert spans[0][0] == 1700 + 24 + horizon - 1
    assert spans[2][1] == 2008
    for earlier, later in pairwise(spans):
        # the last year that the first forecast of the later part may know is the last the earlier part learnt
        assert later[0] - horizon == earlier[1]


def test_the_test_years_do_not_depend_on_the_seed() -> None:
    assert np.array_equal(made(Sunspots(), seed=9).test.rows, made(Sunspots()).test.rows)


def test_persistence_is_the_error_of_repeating_the_last_value() -> None:
    for scale in ("auto", "range", "none"):
        prepared = made(Sunspots(horizon=3), scale=scale)
        raw = Sunspots(horizon=3).load().columns
        rows = prepared.test.rows
        error = raw["window"][rows, -1, 0] - raw["next"][rows, 0]
        assert persistence(prepared, prepared.test) == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-5)


def test_only_a_series_has_persistence() -> None:
    with pytest.raises(ValueError, match="series"):
        persistence(made(Iris()), made(Iris()).test)


# --------------------------------------------------------------------------- scaling


@pytest.mark.parametrize("source", [Iris(), Wine(), BreastCancer(), Diabetes()], ids=name)
def test_rows_are_standardised_by_the_training_part_alone(source: Source) -> None:
    prepared = made(source)
    raw = source.load().columns["features"]
    train = prepared.train.columns["features"]
    assert np.abs(train.mean(axis=0, dtype=np.float64)).max() < 1e-5
    assert np.abs(train.std(axis=0, dtype=np.float64) - 1).max() < 1e-5
    scaler = prepared.scalers["features"]
    assert scaler == fit_standard(raw[prepared.train.rows])
    assert scaler != fit_standard(raw)


def test_held_back_values_do_not_move_the_scale() -> None:
    source = _Changed(Diabetes())
    before = prepare(DataSettings(source=source))
    held = np.concatenate([before.validation.rows, before.test.rows])
    for scale in ("standardise", "range"):
        one = _prepared.__wrapped__(DataSettings(source=source, scale=scale))
        two = _prepared.__wrapped__(DataSettings(source=_Changed(Diabetes(), held), scale=scale))
        assert one.scalers == two.scalers
        assert np.array_equal(one.train.columns["features"], two.train.columns["features"])
        assert not np.array_equal(one.test.columns["features"], two.test.columns["features"])


def test_pictures_are_scaled_by_their_natural_range() -> None:
    for source, hi in ((Digits(), 16.0), (Fashion(), 255.0)):
        prepared = made(source)
        assert prepared.scalers["image"] == Scaler("range", 0.0, hi)
        raw = source.load().columns["image"][prepared.test.rows]
        assert np.array_equal(prepared.test.columns["image"], (raw / hi).astype(np.float32))


def test_pictures_are_standardised_for_each_channel() -> None:
    values = np.random.default_rng(0).normal([[[[3]], [[-7]]]], [[[[2]], [[5]]]], (50, 2, 4, 4))
    scaler = fit_standard(values)
    assert np.asarray(scaler.offset).shape == (2, 1, 1)
    scaled = scaler.forward(values)
    assert np.abs(scaled.mean(axis=(0, 2, 3))).max() < 1e-5
    assert np.abs(scaled.std(axis=(0, 2, 3)) - 1).max() < 1e-5


def test_a_series_and_its_target_share_one_scale() -> None:
    prepared = made(Sunspots())
    assert prepared.scalers["window"] == prepared.scalers["next"]
    assert np.asarray(prepared.scalers["window"].offset).shape == (1,)
    # the target of one year is the last value of the next window
    window, target = prepared.train.columns["window"], prepared.train.columns["next"]
    assert np.array_equal(window[1:, -1], target[:-1])
    raw = Sunspots().load().columns["window"]
    assert prepared.scalers["window"] == fit_standard(raw[prepared.train.rows]) != fit_standard(raw)


def test_a_number_to_foretell_is_standardised_and_taken_back() -> None:
    prepared = made(Diabetes())
    scaled = prepared.train.columns["progression"]
    assert abs(float(scaled.std()) - 1) < 1e-5
    raw = Diabetes().load().columns["progression"][prepared.train.rows]
    assert np.allclose(prepared.decode("progression", scaled), raw, atol=1e-4)


def test_nothing_is_scaled_where_nothing_is_asked() -> None:
    prepared = made(Wine(), scale="none")
    raw = Wine().load().columns["features"][prepared.train.rows]
    assert np.array_equal(prepared.train.columns["features"], raw.astype(np.float32))
    assert set(made(Digits(), scale="none").scalers) == {"image"}


def test_range_takes_each_feature_of_the_training_part_to_zero_and_one() -> None:
    train = made(Wine(), scale="range").train.columns["features"]
    assert np.array_equal(train.min(axis=0), np.zeros(13))
    assert np.array_equal(train.max(axis=0), np.ones(13))


@pytest.mark.parametrize("fit", [fit_standard, fit_range])
@pytest.mark.parametrize("level", [0.0, 0.1, -3.0, 1e9])
def test_a_constant_feature_becomes_zero(fit: object, level: float) -> None:
    values = np.stack([np.full(97, level), np.arange(97.0)], axis=1)
    scaler = fit(values)  # type: ignore[operator]  # either of two functions
    assert np.abs(scaler.forward(values)[:, 0]).max() < 1e-6
    assert scaler.forward(values)[:, 1].max() > 0.9


def test_a_small_feature_is_not_taken_for_a_constant_one() -> None:
    values = np.linspace(0, 1e-12, 50)[:, None]
    assert fit_standard(values).forward(values).std() == pytest.approx(1, abs=1e-5)


@given(arrays(np.float64, (12, 3), elements=st.floats(-1e4, 1e4, allow_nan=False)))
@settings(max_examples=60, deadline=None)
def test_what_is_scaled_comes_back(values: np.ndarray) -> None:
    for scaler in (fit_standard(values), fit_range(values), Scaler()):
        back = scaler.backward(scaler.forward(values))
        assert back.dtype == np.float32
        assert np.allclose(back, values, rtol=1e-5, atol=1e-6 * (1 + np.abs(values).max()))
        assert Scaler.from_json(scaler.json()) == scaler


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"method": "magic", "offset": 0, "size": 1},
        {"method": "range", "offset": "x", "size": 1},
        {"method": "range", "offset": 0, "size": 0},
        {"method": "range", "offset": [0, 1], "size": [1, 1, 1]},
        {"method": "range", "offset": [0, [1]], "size": 1},
        {"method": "standardise", "offset": float("nan"), "size": 1},
    ],
)
def test_a_scaler_that_is_none_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(Illegal, match="expected a method"):
        Scaler.from_json(data)


# --------------------------------------------------------------------------- what a person puts in


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_a_sample_in_its_own_units_is_encoded_like_the_parts(source: Source) -> None:
    prepared, raw = made(source), source.load().columns
    for key in prepared.schema.columns:
        row = int(prepared.test.rows[3])
        encoded = prepared.encode(key, raw[key][row])
        assert np.array_equal(encoded, prepared.test.columns[key][3:4])
        assert encoded.dtype == prepared.test.columns[key].dtype
        assert np.allclose(prepared.decode(key, encoded)[0], raw[key][row], rtol=1e-5, atol=1e-4)


def test_what_does_not_fit_a_column_is_told() -> None:
    prepared = made(Iris())
    with pytest.raises(Trouble, match=r"features: expected values of shape N×4, received 2×3"):
        prepared.encode("features", np.zeros((2, 3)))
    with pytest.raises(Trouble, match=r"1 of 4 that are not"):
        prepared.encode("features", np.array([1, 2, np.nan, 4]))
    with pytest.raises(Trouble, match=r"expected numbers from 0 to 2, received 3"):
        prepared.encode("species", np.array([0, 3]))


def test_preprocessing_is_plain_json() -> None:
    import json

    found = json.loads(json.dumps(made(Iris()).preprocessing()))
    assert found["features"]["method"] == "standardise"
    assert len(found["features"]["offset"]) == 4
    assert json.loads(json.dumps(made(Digits()).preprocessing())) == {
        "image": {"method": "range", "offset": 0.0, "size": 16.0}
    }


# --------------------------------------------------------------------------- bad data


@attrs.frozen(eq=False)
class _Changed(Source):
    """Another source with some values replaced."""

    of: Source
    rows: np.ndarray | tuple[int, ...] = ()
    value: float = 1e6
    column: str = ""

    def schema(self) -> Schema:
        return self.of.schema()

    def load(self) -> Raw:
        raw = self.of.load()
        columns = {key: np.array(values) for key, values in raw.columns.items()}
        if len(self.rows):
            columns[self.column or self.schema().inputs[0]][list(self.rows)] = self.value
        return Raw(columns, raw.own_test)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted_and_not_dropped(value: float) -> None:
    with pytest.raises(Trouble, match=r"Column features .* received 8 of 600 that are not\. Fill them in"):
        made(_Changed(Iris(), (3, 140), value))
    with pytest.raises(Trouble, match=r"Column progression .* received 1 of 442"):
        made(_Changed(Diabetes(), (3,), value, "progression"))


@pytest.mark.parametrize("value", [-1, 3])
def test_classes_that_do_not_exist_are_told(value: int) -> None:
    with pytest.raises(Trouble, match=rf"Column species .* from 0 to 2, received {value}\."):
        made(_Changed(Iris(), (3, 140), value, "species"))


@attrs.frozen(eq=False)
class _Short(Source):
    def schema(self) -> Schema:
        return Iris().schema()

    def load(self) -> Raw:
        return Raw({key: values[:149] for key, values in Iris().load().columns.items()})


def test_data_of_another_shape_than_the_schema_is_told() -> None:
    with pytest.raises(Trouble, match=r"Column features .* expected 150 samples of N×4, received 149×4"):
        made(_Short())


# --------------------------------------------------------------------------- classes of a few samples


def rows_of(counts: dict[int, int], samples: int = 120, seed: int = 0) -> np.ndarray:
    """Labels of samples: so many of each of these classes, the rest of class 0, mixed."""
    labels = np.zeros(samples, np.int64)
    rare = [label for label, count in counts.items() for _ in range(count)]
    labels[: len(rare)] = rare
    return np.random.default_rng(seed).permutation(labels)


def with_classes(classes: int, samples: int = 120) -> Schema:
    return schema_of(
        Column("x", (2,)),
        target=Column("kind", (), "int", tuple(map(str, range(classes)))),
        samples=samples,
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shares", [(0.15, 0.15), (0.05, 0.3), (0.4, 0.4), (0.01, 0.01)])
@pytest.mark.parametrize(
    "counts", [{1: 1}, {1: 2}, {1: 3}, {1: 1, 2: 2, 3: 3, 4: 4}, {1: 5, 2: 1}, {1: 40, 2: 2}], ids=str
)
def test_classes_are_shared_out_as_far_as_there_are_enough(
    counts: dict[int, int], shares: tuple[float, float], seed: int
) -> None:
    schema, target = with_classes(1 + max(counts)), rows_of(counts, seed=seed)
    chosen = DataSettings(source=Iris(), validation=shares[0], test=shares[1], seed=seed)
    rows, count = split(schema, chosen, target), sizes(schema, chosen)
    drawn = [rows.train, rows.validation, rows.test]
    assert [len(part) for part in drawn] == [count.train, count.validation, count.test]
    assert sorted(np.concatenate(drawn).tolist()) == list(range(120))
    for label, total in counts.items():
        of_each = [int((target[part] == label).sum()) for part in drawn]
        assert of_each[0] > 0, "what is not learnt cannot be judged"
        assert sum(one > 0 for one in of_each) == min(total, 3), of_each


def test_what_cannot_be_shared_out_is_known_by_name() -> None:
    target = rows_of({1: 2, 2: 3})
    schema = with_classes(3)
    rows = split(schema, DataSettings(source=Iris()), target)
    parts = [ArrayDataset({"kind": target[part]}, part) for part in (rows.train, rows.validation, rows.test)]
    assert unshared_classes(Prepared(DataSettings(source=Iris()), schema, *parts, {})) == ("1",)
    assert unshared_classes(made(Wine())) == ()


@pytest.mark.parametrize("source", [Wine(), Fashion(), Sunspots()], ids=name)
def test_scaling_piece_by_piece_is_scaling_at_once(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.scale.PIECE", 1000)
    raw = source.load().columns
    for key, scaler in made(source).scalers.items():
        offset, size = np.asarray(scaler.offset, np.float64), np.asarray(scaler.size, np.float64)
        at_once = ((np.asarray(raw[key], np.float64) - offset) / size).astype(np.float32)
        assert np.array_equal(scaler.forward(raw[key]), at_once)
        rows = np.arange(len(raw[key]))[::-3]
        assert np.array_equal(scaler.forward(raw[key], rows), at_once[rows])
