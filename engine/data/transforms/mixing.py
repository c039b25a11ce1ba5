"""Steps of training that mix the samples of a batch with each other, and their targets with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.data.schema import Column
from engine.data.transforms.transform import Mixing
from engine.kinds import declare, param
from engine.message import Message

if TYPE_CHECKING:
    from torch import Tensor

    from engine.data.transforms.draws import Draws


@declare(
    title="Mixup", family="transforms", hint="two samples in one", search="blend interpolate soft labels"
)
class Mixup(Mixing):
    """Lays each sample over another one of its batch, and asks for both answers in the same proportion.

    For classes, where a network is too sure of what it has seen: between two samples it learns to doubt.

    Formula: x' = λ·x₁ + (1 − λ)·x₂, loss = λ·loss₁ + (1 − λ)·loss₂; λ ~ Beta(alpha, alpha), at least ½

    Source: H. Zhang, M. Cisse, Y. N. Dauphin and D. Lopez-Paz, mixup: beyond empirical risk minimization,
    2018.
    """

    of = ("image", "audio", "series", "table")
    alpha: float = param(
        0.2, lo=0.01, hi=10, doc="How evenly the two are mixed: 1 is any share, less seldom half"
    )

    def objection(self, column: Column) -> Message | None:
        found = super().objection(column)
        if found is None and column.dtype != "float":
            return Message("expected numbers, received classes")
        return found

    def in_words(self) -> Message | str:
        return f"α {self.alpha:g}"

    def draw(self, size: tuple[int, int], draws: Draws) -> Any:
        share = draws.beta(self.alpha)
        return max(share, 1 - share)

    def mixed(self, values: Tensor, others: Tensor, drawn: Any) -> Tensor:
        return others + drawn * (values - others) if drawn < 1 else values

    def share(self, drawn: Any) -> float:
        return float(drawn)


@declare(
    title="CutMix", family="transforms", hint="a part of another", search="paste patch cut mix soft labels"
)
class CutMix(Mixing):
    """Pastes a part of another picture of the batch into each, and asks for both answers by their areas.

    For classes of photographs, instead of black squares: no pixel is lost. A mask is pasted alike.

    Formula: x' = M·x₁ + (1 − M)·x₂, M = 0 within √(1 − λ) of each side, loss = λ·loss₁ + (1 − λ)·loss₂; λ ~
    Beta(alpha, alpha)

    Source: S. Yun and others, CutMix: regularization strategy to train strong classifiers with localizable
    features, 2019.
    """

    of = ("image",)
    pastes = True
    alpha: float = param(1.0, lo=0.01, hi=10, doc="How the areas are spread: 1 is any area")

    def in_words(self) -> Message | str:
        return f"α {self.alpha:g}"

    def draw(self, size: tuple[int, int], draws: Draws) -> Any:
        share = draws.beta(self.alpha)
        share = max(share, 1 - share)
        height, width = (round(one * (1 - share) ** 0.5) for one in size)
        top, left = (
            int(draws.one() * (one - part + 1)) for one, part in zip(size, (height, width), strict=True)
        )
        return top, left, height, width, size

    def mixed(self, values: Tensor, others: Tensor, drawn: Any) -> Tensor:
        top, left, height, width, _ = drawn
        pasted = values.clone()
        part = (..., slice(top, top + height), slice(left, left + width))
        pasted[part] = others[part]
        return pasted

    def share(self, drawn: Any) -> float:
        _, _, height, width, size = drawn
        return 1.0 - float(height * width) / float(size[0] * size[1])
