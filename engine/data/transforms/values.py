"""Steps of training for single values: noise, and tokens left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.data.schema import Column
from engine.data.signs import PADDING, UNKNOWN
from engine.data.transforms.transform import Altering
from engine.kinds import declare, param
from engine.message import Message

if TYPE_CHECKING:
    from torch import Tensor

    from engine.data.transforms.draws import Draws


@declare(
    title="Noise", family="transforms", hint="a little of chance", search="gaussian jitter random disturb"
)
class Noise(Altering):
    """Adds a little noise to every value.

    So that a network does not learn single values by heart. Of numbers and series the amount is one of what
    the network sees, where 1 is usually their spread; of pictures a share of their range; of waves of full
    volume.

    Formula: x' = x + amount·ε, ε ~ N(0, 1); of pictures kept from 0 to 1

    Source: C. M. Bishop, Training with noise is equivalent to Tikhonov regularization, 1995.
    """

    of = ("table", "series", "image", "audio")
    amount: float = param(0.05, lo=0, hi=10, doc="How strong it is")

    def objection(self, column: Column) -> Message | None:
        found = super().objection(column)
        if found is None and column.dtype != "float":
            return Message("expected numbers, received classes")
        return found

    def in_words(self) -> Message | str:
        return f"±{self.amount:g}"

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        noisy = values + self.amount * draws.normal(tuple(values.shape))
        return noisy.clamp(0, 1) if column.picture and column.hi is not None else noisy


@declare(
    title="Token dropout", family="transforms", hint="words left out", search="word dropout unknown text mask"
)
class TokenDropout(Altering):
    """Takes some tokens of each text for ones that are not in the vocabulary.

    So that a network does not hang on single words, and knows what to do with those it has never seen. Not
    for numbers that stand for something else than text.

    Formula: x'[t] = 1 with probability chance, else x[t]; 0, which fills up, stays

    Source: M. Iyyer, V. Manjunatha, J. Boyd-Graber and H. Daumé, Deep unordered composition rivals syntactic
    methods for text classification, 2015.
    """

    of = ("text",)
    chance: float = param(0.1, lo=0, hi=1, doc="How many of the tokens are taken for unknown")

    def in_words(self) -> Message | str:
        return f"{100 * self.chance:g} %"

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        hidden = draws.hits(tuple(values.shape), self.chance) & (values != PADDING)
        return values.masked_fill(hidden, UNKNOWN)
