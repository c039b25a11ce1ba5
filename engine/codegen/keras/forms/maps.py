"""Convolutions and what they add at the ends of a map."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen

from engine.codegen.keras.forms.form import (
    TURNED,
    Arrays,
    KerasForm,
    Missing,
    Note,
    State,
    Value,
    call,
    form,
    one_layer,
    unless,
)
from engine.layers.convolution import Sliding
from engine.layers.patches import Pad
from engine.layers.transposed import Transposed
from engine.layers.windows import each, joined, one
from engine.message import Message

PADDING = Message("Padding")


def kernel(weight: np.ndarray) -> np.ndarray:
    """PyTorch's filters, outputs × inputs × places, as Keras keeps them: places × inputs × outputs. For a
    transposed convolution the same move makes places × outputs × inputs.
    """
    return weight.transpose(*range(2, weight.ndim), 1, 0)


def _weights(depthwise: int) -> Callable[[State], Arrays]:
    """How the filters go over: each with all inputs, or, `depthwise`, so many groups of one input each."""

    def copied(state: State) -> Arrays:
        weight = state["weight"]  # outputs × inputs of a group × places
        if depthwise:
            weight = weight[:, 0].reshape(depthwise, -1, *weight.shape[2:])  # inputs × times × places
            weight = weight.transpose(*range(2, weight.ndim), 0, 1)
        else:
            weight = kernel(weight)
        return [weight, state["bias"]] if "bias" in state else [weight]

    return copied


@form(Sliding, wants=TURNED)
def convolution(kind: Sliding, x: Value) -> KerasForm:
    n, filters, groups = kind.spatial, kind.filters(x.C), kind.parts(x.C)
    size, stride, gap = (each(value, n) for value in (kind.kernel_size, kind.stride, kind.dilation))
    border = _around(kind, x)
    notes = [*border.notes]
    cut = ""
    if max(stride) > 1 and max(gap) > 1:
        cut = "[:, " + ", ".join(f"::{step}" for step in stride) + "]"
        text = "Keras takes no step and gaps at once: it computes every place, and some are left out."
        notes.append(Note(Message("Dilation"), Message(text)))
        stride = (1,) * n
    # Keras has depthwise layers along one and two axes, with one stride for all.
    depthwise = groups if groups == x.C > 1 and n < 3 and len(set(stride)) == 1 else 0
    words: dict[str, object] = {
        "strides": unless(one(stride), 1),
        "padding": "same" if border.same else None,
        "dilation_rate": unless(one(gap), 1),
        "use_bias": unless(kind.bias, True),
    }
    if depthwise:
        times = unless(filters // x.C, 1)
        layer = call(f"DepthwiseConv{n}D", one(size), depth_multiplier=times, **words)
    else:
        layer = call(f"Conv{n}D", filters, one(size), **words, groups=unless(groups, 1))
    lines = (*border.lines, "{out} = {m}(" + border.source + ")" + cut)
    weights = _weights(depthwise)
    return KerasForm(lines, {"": layer}, lambda state: {"": weights(state)}, TURNED, tuple(notes))


@frozen
class _Border:
    """What is added around a map: by the layer itself, as "same", or by lines before it that leave the larger
    map in `source`.
    """

    same: bool = False
    source: str = "{x}"
    lines: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def _around(kind: Sliding, x: Value) -> _Border:
    n = kind.spatial
    size, stride, gap = (each(value, n) for value in (kind.kernel_size, kind.stride, kind.dilation))
    # What a filter reaches beyond its own place is what keeps a map at its size; Keras puts the odd one last.
    reach = [d * (k - 1) for d, k in zip(gap, size, strict=True)]
    keeping = [(r // 2, r - r // 2) for r in reach]
    ends = keeping if isinstance(kind.padding, str) else [(p, p) for p in each(kind.padding, n)]
    if not any(sum(end) for end in ends):
        return _Border()
    one_by_one = stride == (1,) * n
    if one_by_one and ends == keeping and kind.padding_mode == "zeros":
        if kind.padding == "same":
            return _Border(same=True)
        text = '{size} with padding {amount} at stride 1 is "same" in Keras.'
        amount = joined(kind.padding, 1)
        return _Border(
            same=True, notes=(Note(PADDING, Message(text, size=joined(kind.kernel_size, n), amount=amount)),)
        )
    source, lines = _padded(ends, kind.padding_mode, x)
    if kind.padding_mode != "zeros" or one_by_one:
        return _Border(False, source, tuple(lines))
    text = '"same" adds other amounts at stride {stride}, so the padding is a line of its own.'
    note = Note(PADDING, Message(text, stride=joined(kind.stride, n)))
    return _Border(False, source, tuple(lines), (note,))


def zero_padding(ends: Sequence[tuple[int, int]]) -> str:
    """The layer that adds zeros at the ends of each axis."""
    n = len(ends)
    if len(set(ends)) == 1 and ends[0][0] == ends[0][1]:
        return f"layers.ZeroPadding{n}D({ends[0][0]})"
    if n == 1:
        return f"layers.ZeroPadding1D({ends[0]})"
    if all(before == after for before, after in ends):
        return f"layers.ZeroPadding{n}D({tuple(before for before, _ in ends)})"
    return f"layers.ZeroPadding{n}D({tuple(ends)})"


def _padded(ends: Sequence[tuple[int, int]], mode: str, x: Value) -> tuple[str, list[str]]:
    """What stands in place of `{x}`, and the lines before it, where a border is added."""
    if mode == "zeros":
        return "{padded}", ["{padded} = " + zero_padding(ends) + "({x})"]
    lines, source = [], "{x}"
    for place, (before, after) in enumerate(ends):
        if before or after:
            axis = place + 1
            parts = _border(mode, source, axis, x.sizes[place], before, after)
            lines.append("{padded} = ops.concatenate([" + ", ".join(parts) + f"], axis={axis})")
            source = "{padded}"
    return source, lines


def _border(mode: str, name: str, axis: int, size: int, before: int, after: int) -> list[str]:
    """The parts that are joined along one axis for a border that is taken from the map."""

    def part(start: int, stop: int) -> str:
        ends = f"{start or ''}:{'' if stop == size else stop}"
        return f"{name}[{':, ' * axis}{ends}]"

    def flipped(start: int, stop: int) -> str:
        return f"ops.flip({part(start, stop)}, axis={axis})"

    def repeated(start: int, times: int) -> str:
        return f"ops.repeat({part(start, start + 1)}, {times}, axis={axis})"

    near, far = {
        "reflect": (flipped(1, before + 1), flipped(size - 1 - after, size - 1)),
        "replicate": (repeated(0, before), repeated(size - 1, after)),
        "circular": (part(size - before, size), part(0, after)),
    }[mode]
    return [*([near] if before else []), name, *([far] if after else [])]


@form(Pad, wants=TURNED)
def pad(kind: Pad, x: Value) -> KerasForm:
    n = x.rank - 2
    ends = [
        (before, after)
        for before, after in zip(
            *(end * n if len(end) == 1 else end for end in (kind.before, kind.after)), strict=True
        )
    ]
    lines: list[str] = []
    source = "{x}"
    if any(min(end) < 0 for end in ends):
        if kind.mode not in {"zeros", "value"}:
            raise Missing("a border that is cut off at one end and taken from the map at the other")
        cuts = [f"{-min(before, 0) or ''}:{min(after, 0) or ''}" for before, after in ends]
        lines.append("{cut} = {x}[:, " + ", ".join(cuts) + "]")
        source = "{cut}"
        ends = [(max(before, 0), max(after, 0)) for before, after in ends]
    if kind.mode == "zeros" and n < 4:
        lines.append("{out} = " + zero_padding(ends) + f"({source})")
    elif kind.mode in {"zeros", "value"}:
        lines.append("{out} = " + constant_padding(source, ends, kind.value if kind.mode == "value" else 0.0))
    else:
        source, lines = _padded(ends, kind.mode, x)
        lines.append("{out} = " + source)
        if len(lines) > 1:
            lines[-2:] = ["{out} = " + lines[-2].removeprefix("{padded} = ")]
    return KerasForm(tuple(lines), turned=TURNED)


def constant_padding(name: str, ends: Sequence[tuple[int, int]], value: float) -> str:
    """Adds a number at the ends of each axis of positions."""
    amounts = ", ".join(str(end) for end in [(0, 0), *ends, (0, 0)])
    number = f'float("{value}")' if value in (float("inf"), float("-inf")) else repr(value)
    return f"ops.pad({name}, ({amounts}), constant_values={number})"


@form(Transposed, wants=TURNED)
def transposed(kind: Transposed, x: Value) -> KerasForm:
    n = kind.spatial
    if kind.groups > 1:
        raise Missing("transposed convolutions in Keras have no groups")
    size, stride, gap, pads, extra = (
        each(value, n)
        for value in (kind.kernel_size, kind.stride, kind.dilation, kind.padding, kind.output_padding)
    )
    if max(stride) > 1 and max(gap) > 1:
        raise Missing("Keras takes no stride and gaps at once in a transposed convolution")
    if max(gap) > 1:
        raise Missing("transposed convolutions with gaps come out differently in Keras")
    whole = tuple((m - 1) * s + max(k, s) for m, s, k in zip(x.sizes[:-1], stride, size, strict=True))
    output_sizes = tuple(
        (m - 1) * s - 2 * p + k + e
        for m, s, p, k, e in zip(x.sizes[:-1], stride, pads, size, extra, strict=True)
    )
    cuts = tuple((p, w - p - o) for p, w, o in zip(pads, whole, output_sizes, strict=True))
    if any(after < 0 for _, after in cuts):
        raise Missing("an output padding that reaches further than any filter")
    layer = call(
        f"Conv{n}DTranspose",
        kind.out_channels,
        one(size),
        strides=unless(one(stride), 1),
        use_bias=unless(kind.bias, True),
    )
    if not any(map(sum, cuts)):
        return one_layer(layer, _weights(0), TURNED)
    crop = zero_padding(cuts).replace("ZeroPadding", "Cropping", 1)
    notes = (Note(PADDING, Message("What PyTorch cuts off by padding is cropped in Keras.")),)
    return one_layer(layer, _weights(0), TURNED, "{out} = " + crop + "({m}({x}))", notes)
