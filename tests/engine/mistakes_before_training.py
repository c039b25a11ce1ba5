"""Mistakes that once showed in training alone, as `tests.engine.mistakes` has them."""

from __future__ import annotations

from engine import edits
from engine.data.settings import DataSettings
from engine.kinds import Layer
from engine.project.project import Project
from engine.templates.builder import Sketch
from tests.engine.chains import FLAT, ONE, OUT, TEN, chain, loss
from tests.engine.projects import layer


def unpooled(pool: Layer, unpool: Layer) -> Project:
    """Digits that are pooled and put back at their places."""
    sketch = Sketch("Mistake", DataSettings())
    small = sketch.add(pool, sketch.add(layer("Input")))
    large = sketch.add(unpool, (small, "out"), (small, "indices"))
    sketch.chain(large, FLAT, TEN, OUT)
    return sketch.project()


NORMED = chain(FLAT, layer("BatchNorm1d"), TEN, OUT)
BEFORE_TRAINING: dict[str, tuple[Project, str, str, str]] = {
    "numbers for which a table has no row": (
        chain(layer("Embedding", entries=5), TEN, layer("Permute", order=(2, 1)), OUT, data="Backwards"),
        "embedding1",
        "entries-missing",
        "Set entries to 10",
    ),
    "places of another window": (
        unpooled(layer("MaxPoolIndices2d", kernel_size=3, stride=2), layer("MaxUnpool2d")),
        "unpool1",
        "places-differ",
        "Give pool1 the window of unpool1",
    ),
    "a norm of weights that are all zero": (
        chain(FLAT, layer("Linear", norm="weight norm", initialisation={"kind": "Zeros"}), TEN, OUT),
        "linear1",
        "norm-of-nothing",
        "Set initialisation to default",
    ),
    "rows whose statistics nobody keeps": (
        chain(FLAT, layer("BatchNorm1d", track_running_stats=False), TEN, OUT),
        "norm1",
        "no-statistics",
        "Turn track running stats on",
    ),
    "batches of one sample": (
        edits.set_recipe(NORMED, NORMED.recipe.with_setting("batch_size", 1)),
        "norm1",
        "batch-of-one",
        "Set the batch size to 2",
    ),
    "shares of a single number": (
        chain(ONE, loss("KLDivergence"), data="Diabetes"),
        "output1",
        "target-kind",
        "Use mean squared error",
    ),
}
