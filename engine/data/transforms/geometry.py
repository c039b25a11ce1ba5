"""Steps of training that move what is on a picture. Its mask goes along."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.data.transforms.transform import Moving
from engine.kinds import declare, param
from engine.message import Message

if TYPE_CHECKING:
    from torch import Tensor

    from engine.data.transforms.draws import Draws

SIDEWAYS, UPSIDE_DOWN, BOTH = "left and right", "top and bottom", "both"


@declare(title="Flip", family="transforms", hint="mirror some", search="mirror horizontal vertical reflect")
class Flip(Moving):
    """Mirrors some of the pictures.

    Where a mirror image is as true as the picture: clothes, animals, cells. Never for digits, letters or
    arrows, which then say something else while their label stays.

    Formula: x'[h, w] = x[h, W − 1 − w] with probability chance

    Source: A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep convolutional
    neural networks, 2012.
    """

    axis: str = param(SIDEWAYS, options=(SIDEWAYS, UPSIDE_DOWN, BOTH), doc="What changes places")
    chance: float = param(0.5, lo=0, hi=1, doc="How many of the pictures are mirrored")

    def in_words(self) -> Message | str:
        return Message("{axis}, {share} % of them", axis=Message(self.axis), share=f"{100 * self.chance:g}")

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        return draws.hits((2, count), self.chance)

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        for axis, (dim, hits) in ((SIDEWAYS, (3, drawn[0])), (UPSIDE_DOWN, (2, drawn[1]))):
            if self.axis in {axis, BOTH}:
                pictures = pictures.flip(dim).where(hits.reshape(-1, 1, 1, 1), pictures)
        return pictures


@declare(
    title="Random crop",
    family="transforms",
    hint="shifted whole pixels",
    search="translate shift pad jitter",
)
class RandomCrop(Moving):
    """Adds an edge and cuts a part of the old size out of it, at random.

    The usual step for small photographs: what is on them may stand a few pixels elsewhere.

    Formula: x'[h, w] = x[h + a, w + b]; a, b ∈ {−edge, …, edge}, 0 outside

    Source: K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, 2016.
    """

    edge: int = param(2, lo=0, hi=512, doc="How wide the edge is", unit="px")

    def in_words(self) -> Message | str:
        return f"±{self.edge} px"

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        return draws.integers((2, count), -self.edge, self.edge)

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        from engine.data.transforms import warping

        return warping.shifted(pictures, drawn[0], drawn[1])


@declare(
    title="Crop and enlarge",
    family="transforms",
    hint="a part of the picture",
    search="random resized crop zoom inception area",
)
class ZoomCrop(Moving):
    """Cuts a part out of each picture and enlarges it to the old size.

    For photographs on which things may be near or far. Too small a part may leave out what the label says.

    Formula: x' = the part of area·W·H pixels, stretched to W×H; area ~ U(smallest, 1)

    Source: C. Szegedy and others, Going deeper with convolutions, 2015.
    """

    smallest: float = param(0.5, lo=0.01, hi=1, doc="Least share of the picture's area")
    ratio: float = param(4 / 3, lo=1, hi=4, doc="How much wider than high a part may be, or higher than wide")

    def in_words(self) -> Message | str:
        return f"{100 * self.smallest:.0f} … 100 %"

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        area = draws.uniform(count, self.smallest, 1)
        ratio = draws.uniform(count, -math.log(self.ratio), math.log(self.ratio)).exp()
        places = draws.uniform((count, 2), -1, 1)
        return area, ratio, places

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        import torch

        from engine.data.transforms import warping

        area, ratio, places = drawn
        size = torch.tensor([pictures.shape[3], pictures.shape[2]], device=pictures.device)
        parts = torch.stack([(area * ratio).sqrt(), (area / ratio).sqrt()], 1).clamp(max=1)
        middle = places * (1 - parts) * size / 2
        return warping.warped(pictures, torch.cat([torch.diag_embed(parts), middle.unsqueeze(2)], 2), smooth)


@declare(title="Rotation", family="transforms", hint="turned a little", search="rotate turn angle degrees")
class Rotation(Moving):
    """Turns each picture by an angle of its own.

    Where things may lie at any angle within limits: a few degrees for writing, 180 for what is seen from
    above.

    Formula: x'(p) = x(R(−θ)·p) around the middle, θ ~ U(−degrees, degrees), 0 outside

    Source: P. Y. Simard, D. Steinkraus and J. C. Platt, Best practices for convolutional neural networks
    applied to visual document analysis, 2003.
    """

    degrees: float = param(10.0, lo=0, hi=180, doc="Largest angle to either side", unit="°")

    def in_words(self) -> Message | str:
        return f"±{self.degrees:g}°"

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        from engine.data.transforms import warping

        angle = draws.uniform(count, -self.degrees, self.degrees)
        still = angle.new_zeros(count)
        return warping.affine(angle, still + 1, still, angle.new_zeros(count, 2))

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        from engine.data.transforms import warping

        return warping.warped(pictures, drawn, smooth)


@declare(
    title="Shift and turn",
    family="transforms",
    hint="moved, turned, scaled",
    search="affine translate rotate zoom shear scale",
)
class ShiftAndTurn(Moving):
    """Shifts, turns and scales each picture a little, and lets it lean.

    The first step to try for writing and for things that stand anywhere on a picture.

    Formula: x'(p) = x(A⁻¹·(p − t)); A = R(θ)·S(shear)·zoom around the middle, t up to shift, 0 outside

    Source: P. Y. Simard, D. Steinkraus and J. C. Platt, Best practices for convolutional neural networks
    applied to visual document analysis, 2003.
    """

    shift: float = param(2.0, lo=0, hi=512, doc="Farthest shift in each direction", unit="px")
    degrees: float = param(12.0, lo=0, hi=180, doc="Largest angle to either side", unit="°")
    zoom: float = param(0.0, lo=0, hi=0.9, doc="How much larger or smaller it becomes at most, as a share")
    shear: float = param(0.0, lo=0, hi=60, doc="Largest angle by which it leans", unit="°", advanced=True)

    def in_words(self) -> Message | str:
        parts = [f"±{self.shift:g} px", f"±{self.degrees:g}°"]
        return ", ".join(parts + ([f"±{100 * self.zoom:g} %"] if self.zoom else []))

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        from engine.data.transforms import warping

        return warping.affine(
            draws.uniform(count, -self.degrees, self.degrees),
            draws.uniform(count, 1 - self.zoom, 1 + self.zoom),
            draws.uniform(count, -self.shear, self.shear),
            draws.uniform((count, 2), -self.shift, self.shift),
        )

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        from engine.data.transforms import warping

        return warping.warped(pictures, drawn, smooth)


@declare(
    title="Perspective",
    family="transforms",
    hint="seen from aside",
    search="homography corners tilt projective",
)
class Perspective(Moving):
    """Shows each picture as if it were looked at from aside.

    For signs, pages and buildings, which a camera seldom sees straight from the front.

    Formula: x'(p) = x(H·p); H takes the corners inwards by up to strength/2 of each side, 0 outside

    Source: R. Hartley and A. Zisserman, Multiple view geometry in computer vision, 2nd edition, 2004.
    """

    strength: float = param(0.2, lo=0, hi=0.9, doc="How far a corner moves inwards at most, as a share")

    def in_words(self) -> Message | str:
        return f"{100 * self.strength:g} %"

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        import torch

        height, width = size
        corners = torch.tensor(
            [[0.0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], device=draws.device
        )
        inwards = torch.tensor([[1.0, 1], [-1, 1], [-1, -1], [1, -1]], device=draws.device)
        moved = draws.uniform((count, 4, 2), 0, self.strength / 2) * inwards * corners.amax(0)
        return corners.expand(count, 4, 2), corners + moved

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        from engine.data.transforms.kornia import kornia

        geometry = kornia().geometry.transform
        matrices = geometry.get_perspective_transform(*drawn)
        found: Tensor = geometry.warp_perspective(
            pictures,
            matrices,
            (pictures.shape[2], pictures.shape[3]),
            mode="bilinear" if smooth else "nearest",
            align_corners=True,
        )
        return found
