"""Steps on the way to the network: each against another computation, or by what must hold of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from attrs import evolve

from engine.data.augmenting import Augmenting
from engine.data.columns.column_type import Encoder
from engine.data.columns.images import ImageColumn
from engine.data.findings import findings_of_steps
from engine.data.opening import open_data
from engine.data.overview import overview
from engine.data.own.file_source import FileSource, sets
from engine.data.prepare import prepare, schema
from engine.data.preview import before_and_after
from engine.data.schema import Column
from engine.data.sets.invented import MASK, RandomPictures
from engine.data.settings import DataSettings
from engine.data.steps import of_column, offered, with_steps
from engine.data.transforms import tones, warping
from engine.data.transforms.colours import Blur, ColourJitter, Cutout, RandAugment
from engine.data.transforms.draws import Draws
from engine.data.transforms.geometry import (
    BOTH,
    UPSIDE_DOWN,
    Flip,
    Perspective,
    RandomCrop,
    Rotation,
    ShiftAndTurn,
    ZoomCrop,
)
from engine.data.transforms.mixing import CutMix, Mixup
from engine.data.transforms.signals import Gain, SpecAugment, TimeShift, TimeStretch
from engine.data.transforms.sizes import (
    CentreCrop,
    Grey,
    NormalisePicture,
    PadPicture,
    ResizePicture,
)
from engine.data.transforms.transform import Altering, Moving, Transform, brought
from engine.data.transforms.values import Noise, TokenDropout
from engine.kinds import registry
from engine.kinds.declaring import from_json, to_json, values_from_json, values_to_json
from engine.message import Trouble
from tests.engine.projects import source

CPU = torch.device("cpu")
GREY = Column("image", (1, 12, 10), lo=0, hi=1)
COLOURED = Column("image", (3, 12, 10), lo=0, hi=1)
WAVE = Column("sound", (1, 400), lo=-1, hi=1, kind="audio")
SPECTRUM = Column("sound", (1, 20, 30), unit="dB", kind="audio")
SERIES = Column("series", (24, 2))
TEXT = Column("text", (9,), "int", lo=0, hi=20)
ROW = Column("features", (4,))
COLUMNS = (GREY, COLOURED, WAVE, SPECTRUM, SERIES, TEXT, ROW)
KINDS = tuple(registry(Transform).values())


def draws(*key: int) -> Draws:
    return Draws(CPU, *(key or (0,)))


def batch(column: Column, count: int = 6) -> torch.Tensor:
    made = torch.Generator().manual_seed(3)
    if column.dtype == "int":
        return torch.randint(0, 21, (count, *column.shape), generator=made)
    return torch.rand((count, *column.shape), generator=made)


def went(step: Transform, column: Column, values: torch.Tensor, *key: int) -> torch.Tensor:
    if isinstance(step, Moving):
        return step.moved(
            values, step.draw(len(values), (column.shape[1], column.shape[2]), draws(*key)), True
        )
    assert isinstance(step, Altering)
    return step.altered(values, draws(*key), column)


ALTERING = [
    (kind(), column)
    for kind in KINDS
    for column in COLUMNS
    if issubclass(kind, Moving | Altering) and kind().objection(column) is None
]


@pytest.mark.parametrize(
    ("step", "column"), ALTERING, ids=lambda one: getattr(one, "name", type(one).__name__)
)
def test_a_step_of_training_keeps_shape_and_type_and_comes_from_its_own_draws(
    step: Transform, column: Column
) -> None:
    values = batch(column)
    untouched, before = values.clone(), torch.get_rng_state()
    made = went(step, column, values, 1, 2, 3)
    assert (made.shape, made.dtype) == (values.shape, values.dtype)
    assert torch.equal(values, untouched), "what is in memory stays as it is"
    assert torch.equal(made, went(step, column, values, 1, 2, 3)), "the same draws give the same"
    assert any(not torch.equal(made, went(step, column, values, 1, 2, k)) for k in range(4, 9))
    assert torch.equal(torch.get_rng_state(), before), "everybody's stream is not drawn from"
    assert len(torch.unique(made.reshape(6, -1), dim=0)) == 6, "each sample has draws of its own"
    if column.picture and column.hi == 1:
        assert -1e-5 <= float(made.min()) <= float(made.max()) <= 1 + 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_is_for_some_column_says_why_not_for_others_and_is_kept_in_a_file(
    kind: type[Transform],
) -> None:
    fitting = [column for column in COLUMNS if kind().objection(column) is None]
    if kind is CentreCrop:
        fitting = [GREY] * (CentreCrop(height=9, width=9).objection(GREY) is None)
    assert fitting
    assert len(fitting) < len(COLUMNS)
    for column in COLUMNS:
        assert column in fitting or str(kind().objection(column)) or kind is CentreCrop
    assert from_json(to_json(kind()), Transform) == kind()


# --------------------------------------------------------------------------- always


def test_resizing_is_what_pillow_does() -> None:
    from PIL import Image

    picture = (np.random.default_rng(0).random((1, 1, 24, 30)) * 255).astype(np.float32)
    column = Column("image", (1, 24, 30), lo=0, hi=255)
    made = ResizePicture(height=12, width=10).once(picture, column)
    pillow = Image.fromarray(picture[0, 0]).resize((10, 12), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(made[0, 0], np.asarray(pillow), atol=0.1)
    mask = Column("mask", (24, 30), "int", ("a", "b", "c"), kind="image")
    classes = np.random.default_rng(0).integers(0, 3, (2, 24, 30))
    small = ResizePicture(height=12, width=10).once(classes, mask)
    assert (small.shape, small.dtype) == ((2, 12, 10), classes.dtype)
    assert set(np.unique(small)) <= {0, 1, 2}, "between two classes there is nothing"


def test_cutting_and_padding_keep_the_middle() -> None:
    picture = np.arange(2 * 12 * 10, dtype=np.uint8).reshape(2, 1, 12, 10)
    column = Column("image", (1, 12, 10), lo=7, hi=255)
    padded = PadPicture(height=15, width=14).once(picture, column)
    assert padded.shape == (2, 1, 15, 14)
    np.testing.assert_array_equal(padded[..., 1:13, 2:12], picture)
    assert padded[0, 0, 0, 0] == 7, "the edge is the darkest that there is"
    np.testing.assert_array_equal(CentreCrop(height=12, width=10).once(padded, column), picture)
    assert (
        PadPicture(height=15, width=14, edge="repeat").once(picture, column)[0, 0, 0, 0]
        == picture[0, 0, 0, 0]
    )


def test_grey_is_what_kornia_says_and_normalise_has_the_mean_it_is_given() -> None:
    import kornia

    pictures = batch(COLOURED)
    made = Grey().once(pictures.numpy(), COLOURED)
    np.testing.assert_allclose(made, kornia.color.rgb_to_grayscale(pictures).numpy(), atol=1e-6)
    mean, spread = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    column = Column("image", (3, 12, 10), lo=0, hi=255)
    scaler = NormalisePicture(mean=mean, spread=spread).scaler(column)
    known = kornia.enhance.normalize(pictures, torch.tensor(mean), torch.tensor(spread))
    np.testing.assert_allclose(scaler.forward((pictures * 255).numpy()), known.numpy(), atol=1e-5)


@pytest.fixture
def clothes() -> DataSettings:
    return DataSettings(source=source("Fashion"))


def test_steps_change_the_shape_for_all_to_know_and_what_is_tried_goes_the_same_way(
    clothes: DataSettings,
) -> None:
    steps = (CentreCrop(height=20, width=24), ResizePicture(height=14, width=12))
    data = with_steps(clothes, "image", steps)
    assert schema(data).columns["image"].shape == (1, 14, 12)
    prepared = prepare(data)
    raw = clothes.source.load().columns["image"][prepared.test.rows[:5]]
    assert prepared.test.batch(slice(0, 5))["image"].shape == (5, 1, 14, 12)
    np.testing.assert_array_equal(prepared.encode("image", raw), prepared.test.batch(slice(0, 5))["image"])
    np.testing.assert_array_equal(prepared.encode("image", raw[0]), prepared.test.batch(slice(0, 1))["image"])
    own = prepared.decode("image", prepared.test.batch(slice(0, 5))["image"])
    np.testing.assert_allclose(
        prepared.encode("image", own), prepared.test.batch(slice(0, 5))["image"], atol=1e-6
    )


def test_normalise_takes_the_place_of_the_scale_wherever_it_stands(clothes: DataSettings) -> None:
    for scale in ("auto", "standardise"):
        data = evolve(clothes, scale=scale)
        data = with_steps(data, "image", (NormalisePicture(mean=0.2, spread=0.5), Flip()))
        values = prepare(data).train.batch(slice(0, 50))["image"]
        raw = clothes.source.load().columns["image"][prepare(data).train.rows[:50]]
        np.testing.assert_allclose(values, (raw / 255 - 0.2) / 0.5, atol=1e-5)


def test_an_encoder_of_a_persons_own_files_makes_the_steps_and_is_kept_with_them() -> None:
    steps = (Grey(), ResizePicture(height=6, width=5))
    type = ImageColumn(height=12, width=10)
    pictures = (np.random.default_rng(0).random((3, 3, 12, 10)) * 255).astype(np.uint8)
    encoder = Encoder("image", type, False, {}, steps)
    made = encoder(pictures)
    assert made.shape == (3, 1, 6, 5)
    np.testing.assert_array_equal(
        made, brought(type.encode(pictures, {}, False), type.column("", False), steps)
    )
    assert Encoder.from_json(encoder.json()).steps == steps
    assert "steps" not in evolve(encoder, steps=()).json(), "what was written before stays as it was"


# --------------------------------------------------------------------------- moving


@pytest.mark.parametrize("axis", ["left and right", UPSIDE_DOWN, BOTH])
def test_flipping_twice_leaves_everything_as_it_was(axis: str) -> None:
    pictures, step = batch(GREY, 40), Flip(axis=axis)
    drawn = step.draw(40, (12, 10), draws())
    once = step.moved(pictures, drawn, True)
    assert torch.equal(step.moved(once, drawn, True), pictures)
    assert not torch.equal(once, pictures)
    always = Flip(axis=axis, chance=1)
    dims = {"left and right": (3,), UPSIDE_DOWN: (2,), BOTH: (2, 3)}[axis]
    assert torch.equal(always.moved(pictures, always.draw(40, (12, 10), draws()), True), pictures.flip(dims))
    never = Flip(axis=axis, chance=0)
    assert torch.equal(never.moved(pictures, never.draw(40, (12, 10), draws()), True), pictures)


STILL = (
    RandomCrop(edge=0),
    ZoomCrop(smallest=1, ratio=1),
    Rotation(degrees=0),
    ShiftAndTurn(shift=0, degrees=0),
    Perspective(strength=0),
    RandAugment(steps=1, strength=0),
    ColourJitter(brightness=0, contrast=0, saturation=0),
    Noise(amount=0),
    TimeShift(share=0),
    TimeStretch(most=0),
    Gain(decibels=0),
    SpecAugment(bands=0, frames=0),
    TokenDropout(chance=0),
)


@pytest.mark.parametrize("step", STILL, ids=lambda one: type(one).__name__)
def test_a_step_of_no_strength_changes_nothing(step: Transform) -> None:
    for column in COLUMNS:
        if step.objection(column) is None:
            values = batch(column)
            if isinstance(step, RandAugment):  # two of its steps have no strength: contrast to the limits
                drawn = [(torch.zeros(6, dtype=torch.int64) + n, torch.ones(6)) for n in (0, 1, 3, 5, 6, 8)]
                torch.testing.assert_close(step.moved(values, drawn, True), values, atol=2e-5, rtol=0)
            else:
                torch.testing.assert_close(went(step, column, values), values, atol=2e-5, rtol=0)


def test_turning_and_shifting_are_what_kornia_does() -> None:
    import kornia

    pictures = torch.rand(4, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    still = torch.zeros(4)
    for angle in (90.0, 180.0, 30.0):
        turned = warping.warped(
            pictures, warping.affine(still + angle, still + 1, still, torch.zeros(4, 2)), True
        )
        known = kornia.geometry.transform.rotate(pictures, still + angle, align_corners=True)
        torch.testing.assert_close(turned[..., 3:13, 3:13], known[..., 3:13, 3:13], atol=1e-4, rtol=0)
    shift = torch.tensor([[2.0, 1.0], [0, 3], [-2, 0], [0.5, 0.5]])
    moved = warping.warped(pictures, warping.affine(still, still + 1, still, shift), True)
    known = kornia.geometry.transform.translate(pictures, shift, align_corners=True)
    torch.testing.assert_close(moved, known, atol=1e-4, rtol=0)
    scaled = warping.warped(pictures, warping.affine(still, still + 1.5, still, torch.zeros(4, 2)), True)
    factor = torch.full((4, 2), 1.5)
    known = kornia.geometry.transform.scale(pictures, factor, align_corners=True)
    torch.testing.assert_close(scaled, known, atol=1e-4, rtol=0)
    leaning = warping.warped(pictures, warping.affine(still, still + 1, still + 20, torch.zeros(4, 2)), True)
    assert torch.allclose(leaning[..., 7:9, 4:12].mean(), pictures[..., 7:9, 4:12].mean(), atol=0.1)


def test_a_crop_shifts_whole_pixels() -> None:
    picture = torch.arange(120.0).reshape(1, 1, 12, 10)
    made = warping.shifted(picture, torch.tensor([2]), torch.tensor([-3]))
    assert torch.equal(made[..., 2:, :7], picture[..., :10, 3:])
    assert not made[..., :2, :].any()
    assert not made[..., 7:].any()
    drawn = RandomCrop(edge=2).draw(4000, (12, 10), draws())
    assert set(drawn.unique().tolist()) == {-2, -1, 0, 1, 2}


def test_a_zoomed_crop_shows_a_part_of_the_picture() -> None:
    steps = ZoomCrop(smallest=0.25, ratio=1)
    area, ratio, places = steps.draw(500, (12, 10), draws())
    assert 0.25 <= float(area.min()) <= float(area.max()) <= 1
    flat = torch.ones(500, 1, 12, 10)
    made = steps.moved(flat, (area, ratio, places), True)
    assert float(made[..., 1:-1, 1:-1].min()) > 0.99, "nothing from outside is seen"


def test_perspective_takes_the_corners_inwards() -> None:
    step = Perspective(strength=0.4)
    corners, moved = step.draw(200, (12, 10), draws())
    inwards = (moved - corners).abs() / torch.tensor([9.0, 11.0])
    assert float(inwards.max()) <= 0.2
    made = step.moved(torch.ones(200, 1, 12, 10), (corners, moved), True)
    assert 0.5 < float(made.mean()) < 1


# --------------------------------------------------------------------------- colours


def test_light_and_colours_are_what_kornia_does() -> None:
    import kornia

    pictures, factors = batch(COLOURED), torch.linspace(0.6, 1.4, 6)
    for change, known in (
        (tones.saturation, kornia.enhance.adjust_saturation_with_gray_subtraction),
        (tones.contrast, kornia.enhance.adjust_contrast_with_mean_subtraction),
    ):
        torch.testing.assert_close(change(pictures, factors), known(pictures, factors), atol=1e-5, rtol=0)
    torch.testing.assert_close(
        tones.brightness(pictures, factors), (pictures * factors.reshape(-1, 1, 1, 1)).clamp(0, 1)
    )
    whole = tones.hue(pictures, torch.zeros(6))
    torch.testing.assert_close(whole, pictures, atol=1e-5, rtol=0)
    opaque = torch.cat([pictures, torch.full((6, 1, 12, 10), 0.5)], 1)
    for step in tones.STEPS[6:]:
        assert bool((step.run(opaque, 0.5, torch.ones(6), True)[:, 3] == 0.5).all()), "opacity is no colour"


def test_a_blur_keeps_the_light_and_softens() -> None:
    values = batch(GREY)
    made = went(Blur(strongest=2), GREY, values)
    assert float(made.std()) < float(values.std())
    assert float(made.mean()) == pytest.approx(float(values.mean()), abs=0.02)
    flat = torch.full((3, 1, 2, 3), 0.4)
    torch.testing.assert_close(went(Blur(), Column("image", (1, 2, 3), lo=0, hi=1), flat), flat)


@pytest.mark.parametrize(("holes", "size"), [(1, 4), (1, 50), (3, 2)])
def test_what_is_cut_out_has_its_area(holes: int, size: int) -> None:
    made = went(Cutout(holes=holes, size=size), GREY, torch.ones(300, 1, 12, 10))
    areas = (made == 0).sum((1, 2, 3))
    area = min(size, 12) * min(size, 10)
    assert int(areas.max()) == min(holes * area, 120)
    assert int(areas.min()) >= area
    if holes == 1:
        assert int(areas.min()) == area


def test_randaugment_draws_every_step_and_no_strength_leaves_the_place() -> None:
    step = RandAugment(steps=3)
    drawn = step.draw(400, (12, 10), draws())
    assert len(drawn) == 3
    assert set(torch.stack([one for one, _ in drawn]).unique().tolist()) == set(range(len(tones.STEPS)))
    mask = (torch.rand(400, 1, 12, 10) * 3).floor()
    assert set(step.moved(mask, drawn, False).unique().tolist()) <= {0.0, 1.0, 2.0}


# --------------------------------------------------------------------------- signals, values


def test_a_shift_in_time_moves_whole_steps_and_silence_comes_in() -> None:
    values = torch.ones(200, 1, 400)
    made = went(TimeShift(share=0.25), WAVE, values)
    silent = (made == 0).sum((1, 2))
    assert 80 < int(silent.max()) <= 100
    assert bool(((made == 0) | (made == 1)).all())
    edge = went(TimeShift(share=0.25), SERIES, torch.arange(24.0).reshape(1, 24, 1).repeat(50, 1, 2))
    assert {float(one) for one in edge.unique()} <= set(range(24)), "of a series the ends stay"


def test_stretching_plays_faster_or_slower() -> None:
    time = torch.arange(400.0).reshape(1, 1, 400).repeat(100, 1, 1)
    made = went(TimeStretch(most=0.2), WAVE, time)[..., 1:300]
    rates = (made[:, 0, 200] - made[:, 0, 100]) / 100
    assert 0.8 <= float(rates.min()) < 0.85
    assert 1.15 < float(rates.max()) <= 1.2


def test_gain_is_in_decibels() -> None:
    values = torch.full((500, 1, 400), 0.1)
    louder = 20 * torch.log10(went(Gain(decibels=6), WAVE, values)[:, 0, 0] / 0.1)
    assert 5.5 < float(louder.max()) <= 6.001
    assert -6.001 <= float(louder.min()) < -5.5
    change = went(Gain(decibels=6), SPECTRUM, batch(SPECTRUM, 50)) - batch(SPECTRUM, 50)
    assert float(change.std((1, 2, 3)).max()) < 1e-5
    assert float(change.abs().max()) <= 6.001


def test_specaugment_hides_no_more_than_it_says() -> None:
    values = batch(SPECTRUM, 300)
    made = went(SpecAugment(bands=5, frames=8), SPECTRUM, values)
    hidden = made != values
    rows, columns = hidden.all(3).sum((1, 2)), hidden.all(2).sum((1, 2))
    assert (int(rows.max()), int(columns.max())) == (5, 8)
    assert int(rows.min()) == int(columns.min()) == 0
    share = float(hidden.float().mean())
    expected = 2.5 / 20 + 4 / 30 - 2.5 / 20 * 4 / 30
    assert share == pytest.approx(expected, abs=0.02)
    means = values.mean((1, 2, 3), keepdim=True).expand_as(made)
    torch.testing.assert_close(made[hidden], means[hidden])


def test_noise_has_its_amount_and_leaves_other_features_alone() -> None:
    made = went(Noise(amount=0.5), ROW, torch.zeros(20_000, 4))
    assert float(made.std()) == pytest.approx(0.5, abs=0.01)
    assert float(made.mean()) == pytest.approx(0, abs=0.01)


def test_tokens_are_taken_for_unknown_and_padding_stays() -> None:
    tokens = torch.randint(2, 21, (500, 9))
    tokens[:, 6:] = 0
    made = went(TokenDropout(chance=0.3), TEXT, tokens)
    assert not made[:, 6:].any()
    changed = made[:, :6] != tokens[:, :6]
    assert float(changed.float().mean()) == pytest.approx(0.3, abs=0.03)
    assert bool((made[:, :6][changed] == 1).all())


# --------------------------------------------------------------------------- mixing


def test_mixing_with_all_of_itself_changes_nothing() -> None:
    values = batch(GREY)
    assert torch.equal(Mixup().mixed(values, values.flip(0), 1.0), values)
    torch.testing.assert_close(
        Mixup().mixed(values, values.flip(0), 0.7), 0.7 * values + 0.3 * values.flip(0)
    )
    shares = [Mixup(alpha=1).draw((0, 0), draws(n)) for n in range(200)]
    assert 0.5 <= min(shares) <= max(shares) <= 1


def test_what_is_pasted_has_the_share_that_is_told() -> None:
    for n in range(50):
        drawn = CutMix().draw((12, 10), draws(n))
        made = CutMix().mixed(torch.ones(2, 1, 12, 10), torch.zeros(2, 1, 12, 10), drawn)
        assert float(made.mean()) == pytest.approx(CutMix().share(drawn))
        assert CutMix().share(drawn) >= 0.4


# --------------------------------------------------------------------------- which column goes which steps


@pytest.mark.parametrize(
    ("set", "column", "step", "reason"),
    [
        ("Fashion", "image", TokenDropout(), "text"),
        ("Fashion", "image", CentreCrop(height=40, width=28), "at most"),
        ("Fashion", "image", PadPicture(height=20, width=28), "at least"),
        ("Fashion", "label", Noise(), "classes"),
        ("Fashion", "image", NormalisePicture(mean=(0.1, 0.2)), "channels"),
        ("Iris", "features", Flip(), "pictures"),
        ("Iris", "petal", Noise(), "no column petal"),
        ("Diabetes", "progression", Noise(), "what it shall say"),
        ("SpokenDigits", "wave", SpecAugment(), "spectrogram"),
        ("Poems", "poem", Rotation(), "pictures"),
    ],
)
def test_a_column_that_cannot_go_a_step_is_told_why(
    set: str, column: str, step: Transform, reason: str
) -> None:
    with pytest.raises(Trouble, match=reason) as trouble:
        with_steps(DataSettings(source=source(set)), column, (step,))
    assert "None" not in str(trouble.value)


def test_steps_of_built_in_data_are_settings_of_its_columns_and_go_again(clothes: DataSettings) -> None:
    data = with_steps(clothes, "image", (Flip(),))
    assert of_column(data, "image").transforms == (Flip(),)
    assert schema(data) == schema(clothes)
    assert values_from_json(DataSettings, values_to_json(data)) == data
    assert with_steps(data, "image", ()) == clothes, "without steps nothing is said any longer"
    known = [type(step) for step in offered(clothes, "image")]
    assert Flip in known
    assert Grey not in known
    assert SpecAugment not in known


def test_steps_of_training_do_not_have_the_data_read_anew(clothes: DataSettings) -> None:
    data = with_steps(clothes, "image", (Flip(), Cutout()))
    assert prepare(data).train is prepare(clothes).train
    assert prepare(data).settings == data


def test_before_and_after_are_real_samples_in_their_own_units(clothes: DataSettings) -> None:
    rows = np.array([3, 1, 4])
    plain = prepare(clothes)
    before, after = before_and_after(plain, "image", rows, 2)
    raw = clothes.source.load().columns["image"][plain.train.rows[rows]]
    np.testing.assert_allclose(before, raw, atol=1e-3)
    np.testing.assert_array_equal(after, np.stack([before, before]))
    prepared = prepare(with_steps(clothes, "image", (Flip(chance=1), Cutout(size=5))))
    before, after = before_and_after(prepared, "image", rows, 4)
    assert after.shape == (4, 3, 1, 28, 28)
    assert not np.array_equal(after[0], after[1])
    mirrored = before[..., ::-1]
    assert (np.abs(after - mirrored) < 1e-2).mean() > 0.96, "all but the square"


@pytest.mark.parametrize(
    ("set", "step", "count"),
    [
        ("Digits", Flip(), 1),
        ("Digits", Flip(chance=0), 0),
        ("Digits", Rotation(degrees=180), 1),
        ("Digits", ShiftAndTurn(), 0),
        ("Fashion", Flip(), 0),
    ],
)
def test_a_flip_that_makes_labels_wrong_is_warned_of(set: str, step: Transform, count: int) -> None:
    data = DataSettings(source=source(set))
    found = findings_of_steps(overview(with_steps(data, "image", (step,))))
    assert len(found) == count
    assert all(one.change == data for one in found)


def test_a_mask_goes_with_its_picture() -> None:
    made_up = RandomPictures(target=MASK, height=16, width=18, samples=30)
    data = with_steps(DataSettings(source=made_up), "image", (Flip(), RandomCrop(edge=2), Noise(amount=0.3)))
    known = schema(data)
    names = known.columns
    steps = Augmenting.of(data, known, prepare(data).scalers, CPU)
    assert steps is not None
    height, width = names["image"].shape[1:]
    mask = torch.randint(0, 2, (8, *names["mask"].shape))
    pictures = mask.reshape(8, 1, height, width).expand(8, *names["image"].shape).float()
    found = steps({"image": pictures}, [("mask", mask)], draws())
    (moved,) = found.along
    assert moved.dtype == mask.dtype
    seen = found.inputs["image"].mean(1) > 0.5
    agreeing = (seen == moved.reshape(8, height, width).bool()).float().mean()
    assert float(agreeing) > 0.9, "noise is for the picture alone, a place for both"
    assert not torch.equal(moved, mask)


def test_without_kornia_a_sentence_says_what_to_install(
    clothes: DataSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kornia", None)
    with pytest.raises(Trouble, match=r"layerloom\[augment\]"):
        went(Blur(), GREY, batch(GREY))
    went(ShiftAndTurn(), GREY, batch(GREY))  # most steps need nothing else


def test_noise_of_one_number_of_a_row_is_for_that_number_alone(tmp_path: Any, monkeypatch: Any) -> None:
    file = tmp_path / "numbers.csv"
    rows = np.random.default_rng(0).random((200, 3))
    file.write_text("a,b,y\n" + "\n".join(",".join(f"{v:.6f}" for v in row) for row in rows))
    data = with_steps(open_data(file, "y"), "b", (Noise(amount=0.5),))
    prepared = prepare(data)
    steps = Augmenting.of(data, prepared.schema, prepared.scalers, CPU)
    assert steps is not None
    values = torch.tensor(prepared.train.batch(slice(None))["features"])
    made = steps({"features": values}, [], draws()).inputs["features"]
    assert torch.equal(made[:, 0], values[:, 0])
    assert float((made[:, 1] - values[:, 1]).std()) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("set", list(sets()))
def test_every_column_of_every_set_is_offered_steps_that_it_can_go(set: str) -> None:
    data = DataSettings(source=source(set))
    known = data.source.schema()
    for name in known.inputs:
        for step in offered(data, name):
            assert schema(with_steps(data, name, (step,))).inputs == known.inputs


def test_a_persons_pictures_go_the_same_steps_in_memory_streamed_and_asked_raw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.engine.data.test_own_pictures import written

    monkeypatch.chdir(tmp_path)
    steps = (PadPicture(height=12, width=10), ResizePicture(height=6, width=5), NormalisePicture(mean=0.1))
    data = with_steps(open_data(written()), "image", (*steps, Flip()))
    assert schema(data).columns["image"].shape == (1, 6, 5)
    prepared, streamed = (prepare(data.with_setting("loading", way)) for way in ("memory", "stream"))
    assert prepared.train.resident
    assert not streamed.train.resident
    there = prepared.test.batch(slice(0, 9))["image"]
    np.testing.assert_array_equal(there, streamed.test.batch(slice(0, 9))["image"])
    assert isinstance(data.source, FileSource)
    paths = data.source.read().columns["image"][prepared.test.rows[:9]]
    np.testing.assert_array_equal(prepared.encode_raw({"image": paths})["image"], there)
