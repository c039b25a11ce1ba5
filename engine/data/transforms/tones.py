"""How light, contrast and colours of pictures are changed, and the steps among which chance chooses.

Pictures are N×C×H×W from 0 to 1, factors N.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from attrs import frozen
from torch import Tensor

from engine.data.transforms import warping
from engine.data.transforms.kornia import kornia
from engine.data.transforms.sizes import LUMINANCE


def grey(pictures: Tensor) -> Tensor:
    """How bright each pixel is, N×1×H×W."""
    if pictures.shape[1] < 3:
        return pictures[:, :1]
    weights = torch.tensor(LUMINANCE, device=pictures.device).reshape(1, 3, 1, 1)
    return (pictures[:, :3] * weights).sum(1, keepdim=True)


def _between(pictures: Tensor, other: Tensor, factors: Tensor) -> Tensor:
    """Away from another picture, or towards it where a factor is below 1. Opacity stays."""
    changed = (other + factors.reshape(-1, 1, 1, 1) * (pictures[:, :3] - other)).clamp(0, 1)
    return torch.cat([changed, pictures[:, 3:]], 1) if pictures.shape[1] > 3 else changed


def brightness(pictures: Tensor, factors: Tensor) -> Tensor:
    """Brighter, or darker where a factor is below 1."""
    return _between(pictures, pictures.new_zeros(()), factors)


def contrast(pictures: Tensor, factors: Tensor) -> Tensor:
    """Farther from the picture's mean brightness."""
    return _between(pictures, grey(pictures).mean((1, 2, 3), keepdim=True), factors)


def saturation(pictures: Tensor, factors: Tensor) -> Tensor:
    """Farther from grey; what is grey stays."""
    return _between(pictures, grey(pictures), factors) if pictures.shape[1] >= 3 else pictures


def hue(pictures: Tensor, turns: Tensor) -> Tensor:
    """Turned around the circle of colours by a share of it; what is grey stays."""
    if pictures.shape[1] < 3:
        return pictures
    turned = kornia().enhance.adjust_hue(pictures[:, :3], 2 * math.pi * turns)
    return torch.cat([turned, pictures[:, 3:]], 1)


# ------------------------------------------------------------------ among which chance chooses


@frozen
class RandomStep:
    """One of the steps: of pictures, how strong (0 to 1), to which side (N, −1 or 1), and whether smooth."""

    run: Callable[[Tensor, float, Tensor, bool], Tensor]
    moves: bool = False


def _moved(
    angle: float = 0.0, shear: bool = False, shift: tuple[float, float] = (0, 0)
) -> Callable[[Tensor, float, Tensor, bool], Tensor]:
    def run(pictures: Tensor, strength: float, sign: Tensor, smooth: bool) -> Tensor:
        still = torch.zeros_like(sign)
        size = torch.tensor([pictures.shape[3], pictures.shape[2]], device=sign.device)
        far = torch.tensor(shift, device=sign.device) * size * strength
        leaning = sign * (math.degrees(math.atan(0.3 * strength)) if shear else 0.0)
        matrices = warping.affine(sign * angle * strength, still + 1, leaning, sign.unsqueeze(1) * far)
        return warping.warped(pictures, matrices, smooth)

    return run


def _upright(pictures: Tensor, strength: float, sign: Tensor, smooth: bool) -> Tensor:
    """Leaning up and down: as leaning to the side, of the picture whose axes have changed places."""
    leaning = _moved(shear=True)(pictures.transpose(2, 3), strength, sign, smooth)
    return leaning.transpose(2, 3)


def _toned(change: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, float, Tensor, bool], Tensor]:
    return lambda pictures, strength, sign, _: change(pictures, 1 + 0.9 * strength * sign)


def _colours(change: Callable[[Tensor], Tensor], pictures: Tensor) -> Tensor:
    """The channels of colour changed; opacity stays."""
    changed = change(pictures[:, :3])
    return torch.cat([changed, pictures[:, 3:]], 1) if pictures.shape[1] > 3 else changed


def _sharper(pictures: Tensor, strength: float, sign: Tensor, _: bool) -> Tensor:
    if min(pictures.shape[2:]) < 3:
        return pictures
    sharpness = kornia().enhance.sharpness
    return _colours(lambda some: sharpness(some, 1 + 0.9 * strength * sign), pictures)


def _posterised(pictures: Tensor, strength: float, _: Tensor, __: bool) -> Tensor:
    levels = 2.0 ** (8 - round(4 * strength))
    return _colours(lambda some: (some * 255 / (256 / levels)).floor() * (256 / levels) / 255, pictures)


def _solarised(pictures: Tensor, strength: float, _: Tensor, __: bool) -> Tensor:
    return _colours(lambda some: torch.where(some < 1 - strength, some, 1 - some), pictures)


def _stretched(pictures: Tensor, _: float, __: Tensor, ___: bool) -> Tensor:
    def change(some: Tensor) -> Tensor:
        least, most = some.amin((2, 3), keepdim=True), some.amax((2, 3), keepdim=True)
        span = most - least
        return torch.where(span > 0, (some - least) / span.where(span > 0, 1), some)

    return _colours(change, pictures)


def _equalised(pictures: Tensor, _: float, __: Tensor, ___: bool) -> Tensor:
    equalise = kornia().enhance.equalize
    return _colours(lambda some: equalise(some.clamp(0, 1)), pictures)


STEPS: tuple[RandomStep, ...] = (
    RandomStep(lambda pictures, _, __, ___: pictures),
    RandomStep(_moved(shear=True), moves=True),
    RandomStep(_upright, moves=True),
    RandomStep(_moved(shift=(0.45, 0)), moves=True),
    RandomStep(_moved(shift=(0, 0.45)), moves=True),
    RandomStep(_moved(angle=30.0), moves=True),
    RandomStep(_toned(brightness)),
    RandomStep(_toned(saturation)),
    RandomStep(_toned(contrast)),
    RandomStep(_sharper),
    RandomStep(_posterised),
    RandomStep(_solarised),
    RandomStep(_stretched),
    RandomStep(_equalised),
)
"""Those of RandAugment."""
