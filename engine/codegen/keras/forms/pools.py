"""Poolings, and layers that make maps larger without learning."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from engine.codegen.keras.forms.form import (
    TURNED,
    KerasForm,
    Missing,
    Note,
    Value,
    call,
    expression,
    form,
    one_layer,
    unless,
)
from engine.codegen.keras.forms.maps import PADDING, constant_padding, zero_padding
from engine.layers.adaptive import (
    AdaptiveAverage,
    AdaptiveMaximum,
    AdaptivePooling,
    GlobalAvgPool,
    GlobalMaxPool,
)
from engine.layers.pooling import AveragePooling, MaxPooling
from engine.layers.resize import ChannelShuffle, Interpolation, PixelShuffle, PixelUnshuffle, Resize, Upsample
from engine.layers.unpooling import Fractional, PowerPooling
from engine.layers.windows import Windows, each, one
from engine.message import Message

Ends = Sequence[tuple[int, int]]


def _layer(word: str, windows: Windows) -> str:
    n = len(windows.sizes)
    stride = unless(one(windows.stride), one(windows.kernel))
    return call(f"{word}Pooling{n}D", one(windows.kernel), strides=stride)


def _ends(windows: Windows) -> list[tuple[int, int]]:
    """What has to be added so that every window is whole: before, and after, where the last may stick out."""
    ends = []
    for axis in range(len(windows.sizes)):
        pad = windows.padding[axis]
        reach = (windows.count(axis) - 1) * windows.stride[axis] + windows.kernel[axis]
        ends.append((pad, max(pad, reach - windows.sizes[axis] - pad) if windows.ceil else pad))
    return ends


@form(MaxPooling, wants=TURNED)
def maximum(kind: MaxPooling, x: Value) -> KerasForm:
    windows = kind.windows(x)
    if max(windows.dilation) > 1:
        raise Missing("poolings in Keras have no gaps between their places")
    ends = _ends(windows)
    layer = _layer("Max", windows)
    if not any(map(sum, ends)):
        return one_layer(layer, turned=TURNED)
    padded = "{padded} = " + constant_padding("{x}", ends, float("-inf"))
    note = Note(PADDING, Message("Max pooling is padded with −∞, so that no border ever wins."))
    return KerasForm((padded, "{out} = {m}({padded})"), {"": layer}, turned=TURNED, notes=(note,))


@form(AveragePooling, wants=TURNED)
def average(kind: AveragePooling, x: Value) -> KerasForm:
    windows = kind.windows(x)
    lines, value = _mean(windows, kind.count_include_pad)
    return KerasForm((*lines, "{out} = " + value), {"": _layer("Average", windows)}, turned=TURNED)


def _mean(windows: Windows, whole: bool, source: str = "{x}") -> tuple[list[str], str]:
    """The lines before, and the mean of every window; with `whole` the padding's zeros count."""
    pads = [(pad, pad) for pad in windows.padding]
    ends = _ends(windows)
    over = [(0, after - pad) for (_, after), (pad, _) in zip(ends, pads, strict=True)]
    lines: list[str] = []
    if whole and any(map(sum, pads)):
        lines.append("{padded} = " + zero_padding(pads) + f"({source})")
        source, ends = "{padded}", over
    if not any(map(sum, ends)):
        return lines, "{m}(" + source + ")"
    # a mean over zeros that shall not count is made up for by the mean of ones
    add = zero_padding(ends)
    sums, shares = f"{add}({source})", f"{add}(ops.ones_like({source}))"
    pool = _layer("Average", windows)
    return lines, "{m}(" + sums + ") / " + pool + f"({shares})"


@form(PowerPooling, wants=TURNED)
def power(kind: PowerPooling, x: Value) -> KerasForm:
    windows = kind.windows(x)
    lines, mean = _mean(windows, True, "{powers}")
    total = prod(windows.kernel)
    powers = "{powers} = ops.power({x}, " + repr(kind.norm) + ")"
    out = "{out} = ops.power(" + mean + f" * {total}, {1 / kind.norm!r})"
    return KerasForm((powers, *lines, out), {"": _layer("Average", windows)}, turned=TURNED)


@form(AdaptiveAverage, AdaptiveMaximum, wants=TURNED)
def adaptive(kind: AdaptivePooling, x: Value) -> KerasForm:
    word = "Average" if isinstance(kind, AdaptiveAverage) else "Max"
    sizes, output_sizes = x.sizes[:-1], each(kind.output_size, kind.spatial)
    unequal = kind.unequal(x.shape)
    if unequal is not None:
        raise Missing("{reason}", reason=unequal)
    if set(output_sizes) == {1}:
        return one_layer(call(f"Global{word}Pooling{kind.spatial}D", keepdims=True), turned=TURNED)
    parts = tuple(size // new for size, new in zip(sizes, output_sizes, strict=True))
    return one_layer(call(f"{word}Pooling{kind.spatial}D", one(parts)), turned=TURNED)


@form(GlobalAvgPool, GlobalMaxPool, wants=TURNED)
def overall(kind: GlobalAvgPool | GlobalMaxPool, x: Value) -> KerasForm:
    mean = isinstance(kind, GlobalAvgPool)
    if x.rank > 5:
        axes = tuple(range(1, x.rank - 1))
        return expression(f"ops.{'mean' if mean else 'max'}({{x}}, axis={axes})")
    return one_layer(call(f"Global{'Average' if mean else 'Max'}Pooling{x.rank - 2}D"))


@form(Fractional)
def fractional(kind: Fractional, x: Value) -> KerasForm:
    raise Missing("Keras has no pooling over windows that are spread at random")


@form(Interpolation, wants=TURNED)
def resized(kind: Interpolation, x: Value) -> KerasForm:
    n = x.rank - 2
    sizes = x.sizes[:-1]
    if isinstance(kind, Upsample):
        output_sizes = tuple(int(size * kind.scale) for size in sizes)
        exact = kind.scale.is_integer() or all((size * kind.scale).is_integer() for size in sizes)
    else:
        assert isinstance(kind, Resize)
        output_sizes = kind.sizes * n if len(kind.sizes) == 1 else kind.sizes
        exact = True
    whole = all(new % size == 0 for new, size in zip(output_sizes, sizes, strict=True))
    times = tuple(new // size for new, size in zip(output_sizes, sizes, strict=True))
    if kind.mode == "nearest" and whole and exact:
        return one_layer(call(f"UpSampling{n}D", one(times)), turned=TURNED)
    if kind.mode == "linear" and n == 2 and exact and not kind.corners:
        return expression(f'ops.image.resize({{x}}, {output_sizes}, interpolation="bilinear")', TURNED)
    if kind.mode == "area" and all(size % new == 0 for new, size in zip(output_sizes, sizes, strict=True)):
        parts = tuple(size // new for new, size in zip(output_sizes, sizes, strict=True))
        return one_layer(call(f"AveragePooling{n}D", one(parts)), turned=TURNED)
    raise Missing("Keras finds values between places in another way here: {mode}", mode=kind.mode)


def _regrouped(first: Sequence[int], order: Sequence[int], last: Sequence[int]) -> KerasForm:
    """Splits axes, puts them into another order and joins them."""
    lines = (
        f"{{parts}} = ops.reshape({{x}}, (-1, {', '.join(map(str, first))}))",
        f"{{parts}} = ops.transpose({{parts}}, {tuple(order)})",
        f"{{out}} = ops.reshape({{parts}}, (-1, {', '.join(map(str, last))}))",
    )
    return KerasForm(lines, turned=TURNED)


@form(PixelShuffle, wants=TURNED)
def pixel_shuffle(kind: PixelShuffle, x: Value) -> KerasForm:
    r, (h, w, c) = kind.factor, x.sizes
    out = c // r**2
    return _regrouped((h, w, out, r, r), (0, 1, 4, 2, 5, 3), (h * r, w * r, out))


@form(PixelUnshuffle, wants=TURNED)
def pixel_unshuffle(kind: PixelUnshuffle, x: Value) -> KerasForm:
    r, (h, w, c) = kind.factor, x.sizes
    return _regrouped((h // r, r, w // r, r, c), (0, 1, 3, 5, 2, 4), (h // r, w // r, c * r * r))


@form(ChannelShuffle, wants=TURNED)
def channel_shuffle(kind: ChannelShuffle, x: Value) -> KerasForm:
    *places, c = x.sizes
    n, g = len(places), kind.groups
    order = (*range(n + 1), n + 2, n + 1)
    return _regrouped((*places, g, c // g), order, x.sizes)
