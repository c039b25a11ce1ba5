"""Pictures brought to other places: turned, shifted, cut out, seen from the side. All N×C×H×W, float32."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def affine(
    angle: Tensor, zoom: Tensor, shear: Tensor, shift: Tensor, stretch: Tensor | None = None
) -> Tensor:
    """Where each of N pictures takes its pixels from, N×2×3 in pixels from its middle: turned by an angle
    (N, degrees, against the clock), made `zoom` times as large (N), leaning by an angle (N, degrees) and
    shifted (N×2, pixels to the right and down).
    """
    turn, lean = torch.deg2rad(angle), torch.deg2rad(shear)
    cos, sin = torch.cos(turn) / zoom, torch.sin(turn) / zoom
    tan = torch.tan(lean)
    # the way back: a pixel of the new picture is looked for in the old one
    rows = torch.stack([cos - tan * sin, -sin - tan * cos, sin, cos], 1).reshape(-1, 2, 2)
    return torch.cat([rows, -(rows @ shift.unsqueeze(2))], 2)


def warped(pictures: Tensor, matrices: Tensor, smooth: bool) -> Tensor:
    """Pictures that take their pixels from where `matrices` say; what lies outside is 0."""
    height, width = pictures.shape[2:]
    half = torch.tensor([width / 2, height / 2], device=pictures.device)
    scale = torch.cat([half, half.new_ones(1)])
    grid = functional.affine_grid(
        matrices * scale / half.unsqueeze(1), list(pictures.shape), align_corners=False
    )
    return sampled(pictures, grid, smooth)


def sampled(pictures: Tensor, grid: Tensor, smooth: bool) -> Tensor:
    """Pictures that take their pixels from the places of a grid, N×H×W×2 from −1 to 1."""
    mode = "bilinear" if smooth else "nearest"
    return functional.grid_sample(pictures, grid, mode=mode, padding_mode="zeros", align_corners=False)


def shifted(pictures: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Pictures shifted by whole pixels, N each, int64; what comes in from outside is 0."""
    count, _, height, width = pictures.shape
    rows = torch.arange(height, device=pictures.device) - down.unsqueeze(1)
    columns = torch.arange(width, device=pictures.device) - right.unsqueeze(1)
    there = ((rows >= 0) & (rows < height)).unsqueeze(2) & ((columns >= 0) & (columns < width)).unsqueeze(1)
    sample = torch.arange(count, device=pictures.device).reshape(-1, 1, 1)
    found = pictures[
        sample, :, rows.clamp(0, height - 1).unsqueeze(2), columns.clamp(0, width - 1).unsqueeze(1)
    ]
    return found.permute(0, 3, 1, 2) * there.unsqueeze(1)


def areas(
    count: int, size: tuple[int, int], tops: Tensor, lefts: Tensor, heights: Tensor, widths: Tensor
) -> Tensor:
    """Which pixels lie in a rectangle of each of N pictures (N each): N×1×H×W booleans."""
    rows = torch.arange(size[0], device=tops.device).reshape(1, -1, 1)
    columns = torch.arange(size[1], device=tops.device).reshape(1, 1, -1)
    tops, lefts, heights, widths = (one.reshape(count, 1, 1) for one in (tops, lefts, heights, widths))
    inside = (rows >= tops) & (rows < tops + heights) & (columns >= lefts) & (columns < lefts + widths)
    return inside.unsqueeze(1)


def resampled(values: Tensor, places: Tensor, axis: int, edge: bool) -> Tensor:
    """Values N×… that along an axis, of length T, are those at other places, N×T in steps: between two steps
    in proportion. Beyond the ends there is what stands at the `edge`, or nothing.
    """
    moved = values.movedim(axis, 1)
    length = moved.shape[1]
    first = places.floor()
    part = (places - first).reshape(*places.shape, *[1] * (moved.ndim - 2))
    sample = torch.arange(len(values), device=values.device).unsqueeze(1)

    def at(numbers: Tensor) -> Tensor:
        found = moved[sample, numbers.clamp(0, length - 1)]
        if edge:
            return found
        there = ((numbers >= 0) & (numbers < length)).reshape(part.shape)
        return found * there

    whole = first.long()
    return (at(whole) * (1 - part) + at(whole + 1) * part).movedim(1, axis)
