"""The curves of a run as they are added to, read, written and gone on with."""

from __future__ import annotations

import io

import numpy as np

from engine.training.curves import Curves
from engine.training.reports import Evaluated, Progress, Started


def curves(begun: float = 0.0) -> Curves:
    """Of six steps in two epochs, told in three reports."""
    found = Curves()
    found.add(Started(1, 3, 6, 2, "cpu", 1, "eager", {}, ("accuracy",)))
    for step in (2, 3, 6):
        losses = tuple(1 / number for number in range(len(found) + 1, step + 1))
        metrics = {"accuracy": tuple(1 - loss for loss in losses)}
        found.add(Progress(step, step / 3, losses, metrics, 0.1, None, 9.0, begun + step))
        if step % 3 == 0:
            found.add(Evaluated(step / 3, step, {"loss": 0.5}, {"loss": 1 / step}, True, begun + step))
    return found


def test_curves_are_read_while_they_grow() -> None:
    found = curves()
    assert len(found) == 6
    assert found.per_step.keys() == {"loss", "accuracy"}
    early = found.per_step["loss"].values
    assert early.dtype == np.float32
    assert found.per_report["step"].values.tolist() == [2, 3, 6]
    assert np.isnan(found.per_report["gradient_norm"].values).all()
    assert found.per_epoch["evaluated"].values.tolist() == [3, 6]
    assert found.per_epoch["validation.loss"].values.tolist() == [1 / 3, 1 / 6]
    found.add(Progress(5000, 1666.0, (0.0,) * 4994, {}, 0.1, 2.0, 9.0, 9.0))
    assert len(early) == 6, "what was read stays as it was"
    assert len(found.per_step["loss"].values) == 5000


def test_the_file_holds_every_curve_by_its_name_and_can_be_gone_on_with() -> None:
    with np.load(io.BytesIO(curves().bytes())) as file:
        arrays = dict(file)
    assert list(arrays) == [
        *("loss", "accuracy"),
        *("step", "rate", "gradient_norm", "seconds"),
        *("evaluated", "epoch", "train.loss", "validation.loss"),
    ]
    again = Curves()
    again.resume(arrays, 3)
    assert len(again) == 3
    assert again.per_report["step"].values.tolist() == [2, 3]
    assert again.per_epoch["epoch"].values.tolist() == [1]
    assert not Curves().arrays()


def test_the_seconds_of_a_run_that_went_on_are_added_up() -> None:
    found = Curves()
    found.resume(curves(begun=10.0).arrays(), 6)
    found.add(Progress(8, 8 / 3, (0.1, 0.1), {"accuracy": (1.0, 1.0)}, 0.1, None, 9.0, 0.5))
    steps, seconds = found.elapsed()
    assert steps.tolist() == [2, 3, 6, 8]
    assert seconds.tolist() == [12, 13, 16, 16.5]
    assert [len(values) for values in Curves().elapsed()] == [0, 0]
