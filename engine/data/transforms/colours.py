"""Steps of training that alter what a picture looks like, and leave everything where it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.data.schema import Column
from engine.data.transforms.transform import Altering, Moving
from engine.kinds import declare, param
from engine.message import Message

if TYPE_CHECKING:
    from torch import Tensor

    from engine.data.transforms.draws import Draws


@declare(
    title="Colour jitter",
    family="transforms",
    hint="light and colours",
    search="brightness contrast saturation hue color light",
)
class ColourJitter(Altering):
    """Changes brightness, contrast, saturation and hue of each picture.

    For photographs, which are taken in any light. Not where the colour is the answer.

    Formula: x' = b·x, then m + c·(x − m), then g + s·(x − g), then hue + h; b, c, s ~ 1 ± each, h ~ ±hue

    Source: A. G. Howard, Some improvements on deep convolutional neural network based image classification,
    2013.
    """

    of = ("image",)
    bounded = True
    brightness: float = param(0.2, lo=0, hi=1, doc="Largest change of brightness, as a share")
    contrast: float = param(0.2, lo=0, hi=1, doc="Largest change of contrast, as a share")
    saturation: float = param(0.2, lo=0, hi=1, doc="Largest change of saturation, as a share")
    hue: float = param(0.0, lo=0, hi=0.5, doc="Largest change of hue, as a share of the circle of colours")

    def in_words(self) -> Message | str:
        return ", ".join(f"±{100 * one:g} %" for one in (self.brightness, self.contrast, self.saturation))

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        from engine.data.transforms import tones

        count = len(values)
        values = tones.brightness(values, draws.uniform(count, 1 - self.brightness, 1 + self.brightness))
        values = tones.contrast(values, draws.uniform(count, 1 - self.contrast, 1 + self.contrast))
        values = tones.saturation(values, draws.uniform(count, 1 - self.saturation, 1 + self.saturation))
        turns = draws.uniform(count, -self.hue, self.hue)
        return tones.hue(values, turns) if self.hue else values


@declare(title="Blur", family="transforms", hint="out of focus", search="gaussian smooth soft focus")
class Blur(Altering):
    """Lets each picture be more or less out of focus.

    For photographs that may be soft, so that a network does not lean on the finest lines.

    Formula: x' = x ∗ exp(−r²/(2σ²))/(2πσ²), σ ~ U(0.1, strongest)

    Source: R. C. Gonzalez and R. E. Woods, Digital image processing, 4th edition, 2018.
    """

    of = ("image",)
    strongest: float = param(1.0, lo=0.1, hi=20, doc="Largest width of the blur", unit="px")

    def in_words(self) -> Message | str:
        return f"≤ {self.strongest:g} px"

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        from engine.data.transforms.kornia import kornia

        side = 2 * math.ceil(3 * self.strongest) + 1
        # the edge is mirrored, which has to be narrower than the picture
        height, width = (min(side, (one - 1) // 2 * 2 + 1) for one in values.shape[2:])
        sigma = draws.uniform((len(values), 1), 0.1, self.strongest).expand(-1, 2)
        found: Tensor = kornia().filters.gaussian_blur2d(values, (height, width), sigma)
        return found


@declare(
    title="Cut out", family="transforms", hint="squares left black", search="cutout erase hide occlusion"
)
class Cutout(Altering):
    """Leaves squares of each picture black.

    So that a network does not rely on one part alone, which may be hidden.

    Formula: x'[h, w] = 0 within holes squares of size×size pixels, else x[h, w]

    Source: T. DeVries and G. W. Taylor, Improved regularization of convolutional neural networks with cutout,
    2017.
    """

    of = ("image",)
    holes: int = param(1, lo=1, hi=64, doc="How many squares")
    size: int = param(7, lo=1, hi=1024, doc="Side of a square", unit="px")

    def in_words(self) -> Message | str:
        return Message("{n} square{n:|s} of {size}", n=self.holes, size=self.size)

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        from engine.data.transforms import warping

        count, size = len(values), (values.shape[2], values.shape[3])
        height, width = (min(self.size, one) for one in size)
        for _ in range(self.holes):
            tops = draws.integers(count, 0, size[0] - height)
            lefts = draws.integers(count, 0, size[1] - width)
            heights, widths = tops.new_full((count,), height), tops.new_full((count,), width)
            values = values.masked_fill(warping.areas(count, size, tops, lefts, heights, widths), 0.0)
        return values


@declare(
    title="RandAugment",
    family="transforms",
    hint="several at random",
    search="policy autoaugment random operations photographs",
)
class RandAugment(Moving):
    """Lets each picture go some of fourteen steps, drawn at random: turned, shifted, leaning, other light.

    For photographs where one number shall say how much is varied. Of a mask only the place changes.

    Formula: x' = fₙ(… f₁(x)); f drawn from 14 steps, each as strong as strength of 30

    Source: E. D. Cubuk, B. Zoph, J. Shlens and Q. V. Le, RandAugment: practical automated data augmentation,
    2020.
    """

    bounded = True
    steps: int = param(2, lo=1, hi=8, doc="How many steps each picture goes")
    strength: int = param(9, lo=0, hi=30, doc="How strong each of them is")

    def in_words(self) -> Message | str:
        return Message("{n} step{n:|s}, strength {strength}", n=self.steps, strength=self.strength)

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        from engine.data.transforms import tones

        return [
            (draws.integers(count, 0, len(tones.STEPS) - 1), 1.0 - 2.0 * draws.hits(count, 0.5).float())
            for _ in range(self.steps)
        ]

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        from engine.data.transforms import tones

        for chosen, signs in drawn:
            made = pictures.clone()
            for number, step in enumerate(tones.STEPS):
                rows = (chosen == number).nonzero().squeeze(1)
                if len(rows) and (smooth or step.moves):
                    some, sign = pictures[rows], signs[rows]
                    made[rows] = step.run(some, self.strength / 30, sign, smooth)
            pictures = made
        return pictures
