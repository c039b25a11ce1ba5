"""Losses: they run on what they accept, and say in words what they do not."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest
import torch
from hypothesis import given, settings

from engine import kinds
from engine.data.schema import Column
from engine.kinds.objections import Objection
from engine.kinds.ports import Incoming
from engine.kinds.shapes import per_sample
from engine.losses import modules
from engine.losses.binary import BinaryCrossEntropy
from engine.losses.classification import CrossEntropy
from engine.losses.loss import Loss
from engine.losses.regression import MeanSquaredError
from engine.metrics.metric import METRICS
from tests.engine.strategies import settings_of

DIGIT = Column("digit", (), "int", tuple("0123456789"))
SPAM = Column("spam", (), "int", ("no", "yes"))
PIXELS = Column("mask", (4, 4), "int", ("ground", "thing", "edge"))
PRICE = Column("price", ())
ROW = Column("row", (3,))
TAGS = Column("tags", (3,), "int", ("no", "yes"))
WORD = Column("word", (3,), "int", ("blank", "a", "b"))
COLUMNS = (DIGIT, SPAM, TAGS, PIXELS, PRICE, ROW, WORD)


def arriving(*sizes: int) -> Incoming:
    return Incoming(per_sample(*sizes), {})


def objections(loss: Loss, sizes: tuple[int, ...], column: Column) -> list[Objection]:
    return list(loss.object(arriving(*sizes), column))


@pytest.mark.parametrize("name", kinds.registry(Loss))
def test_a_loss_that_does_not_object_gives_a_finite_number_and_gradient(name: str) -> None:
    cls = kinds.registry(Loss)[name]
    accepted = 0

    @settings(max_examples=10, deadline=None)  # the first call of a loss takes long
    @given(settings_of(cls))
    def check(loss: Any) -> None:
        nonlocal accepted
        made = loss.torch().make()
        space = {"nn": torch.nn, "torch": torch, "criteria": modules}
        assert repr(eval(loss.torch().source(), space)) == repr(made)
        for column in COLUMNS:
            for sizes in ((10,), (2,), (1,), (), (3,), (3, 4, 4), (4, 4), (7, 3)):
                if loss.judged and list(loss.object(arriving(*sizes), column)):
                    continue
                also = [port for port in loss.also if not port.optional]
                arrived = [arriving(*sizes)] * (1 + len(also))
                assert not list(loss.among(*arrived))
                if any(port.pattern.match(arrived[0].shape) is None for port in also):
                    continue
                accepted += 1
                predictions = [torch.randn(5, *sizes, requires_grad=True) for _ in arrived]
                answer = loss.answer(*predictions)
                places = torch.arange(5 * prod(column.shape)).reshape(
                    5, *column.shape
                )  # every class comes up
                target = places % len(column.classes) if column.classes else None
                target = torch.rand(5, *column.shape) if target is None else target
                if loss.task in {"binary", "numbers"}:
                    target = target.to(answer.dtype).view_as(answer)
                value = made(*predictions, target) if loss.judged else made(*predictions)
                assert value.shape == ()
                assert torch.isfinite(value)
                value.backward()
                for prediction in predictions:
                    assert prediction.grad is not None
                    assert torch.isfinite(prediction.grad).all()

    check()
    assert accepted
    assert cls.task in {"classes", "binary", "numbers", "sequence", "wire"}
    assert bool(cls.natural) == cls.judged
    assert set(cls.natural) <= set(METRICS)


@pytest.mark.parametrize(
    ("loss", "sizes", "column", "name", "expected", "why"),
    [
        (
            CrossEntropy(),
            (7,),
            DIGIT,
            "classes-differ",
            "N×10, a score for each class",
            "digit has 10 classes; 7 scores arrive.",
        ),
        (
            CrossEntropy(),
            (10, 4, 4),
            DIGIT,
            "prediction-shape",
            "N×10, a score for each class",
            "A sample of digit is one of 10 classes.",
        ),
        (
            CrossEntropy(),
            (1,),
            PRICE,
            "target-kind",
            "a target with classes",
            "price holds numbers, and there are no classes to choose from.",
        ),
        (
            MeanSquaredError(),
            (10,),
            DIGIT,
            "target-kind",
            "a target of numbers",
            "digit has 10 classes, and the distance between two of them means nothing.",
        ),
        (
            MeanSquaredError(),
            (5,),
            PRICE,
            "sizes-differ",
            "N×1",
            "A sample of price is one number, and the prediction is compared with it number by number.",
        ),
        (
            MeanSquaredError(),
            (1,),
            ROW,
            "sizes-differ",
            "N×3",
            "A sample of row is 3 numbers, and the prediction is compared with it number by number.",
        ),
        (
            BinaryCrossEntropy(),
            (1,),
            DIGIT,
            "target-kind",
            "a target of two classes",
            "digit has 10 classes.",
        ),
        (
            BinaryCrossEntropy(),
            (1,),
            PRICE,
            "target-kind",
            "a target of two classes",
            "price holds numbers, not yes or no.",
        ),
    ],
)
def test_objections_by_hand(
    loss: Loss, sizes: tuple[int, ...], column: Column, name: str, expected: str, why: str
) -> None:
    (objection,) = objections(loss, sizes, column)
    assert (objection.name, str(objection.expected), str(objection.why)) == (name, expected, why)


def test_losses_offered_instead_do_take_the_target() -> None:
    for column in COLUMNS:
        for cls in kinds.registry(Loss).values():
            for objection in cls().object(arriving(1), column):
                for name in objection.facts.get("losses", ()):
                    other = kinds.registry(Loss)[name]()
                    assert "target-kind" not in {o.name for o in other.object(arriving(1), column)}


def test_pixels_can_be_classified_and_single_numbers_fit_one_output() -> None:
    assert not objections(CrossEntropy(), (3, 4, 4), PIXELS)
    assert not objections(MeanSquaredError(), (1,), PRICE)
    assert not objections(MeanSquaredError(), (), PRICE)
    assert not objections(BinaryCrossEntropy(), (1,), SPAM)
