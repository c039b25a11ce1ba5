"""Windows that Keras has no layer for: cut out by lists of places, laid back by sums, and looked up by place.
Channels stand first here, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.codegen.keras.forms.form import PLAIN, KerasForm, Missing, Value, form
from engine.layers.patches import Fold, Unfold
from engine.layers.resize import GridSample
from engine.layers.unpooling import Remembering, Unpooling
from engine.layers.windows import Windows, each


def _places(windows: Windows, axis: int) -> str:
    """The places that each window takes along an axis, the border included: windows × taps."""
    step, gap = windows.stride[axis], windows.dilation[axis]
    starts = f"ops.arange({windows.count(axis)})[:, None]" + (f" * {step}" if step > 1 else "")
    return f"{starts} + ops.arange({windows.kernel[axis]})" + (f" * {gap}" if gap > 1 else "")


def _cut(windows: Windows, border: str) -> Iterator[str]:
    """The lines that leave samples × channels × the windows and taps of each axis in turn in `{cut}`."""
    ends = []
    for axis, pad in enumerate(windows.padding):
        reach = (windows.count(axis) - 1) * windows.stride[axis] + windows.reach(axis)
        ends.append((pad, max(pad, reach - windows.sizes[axis] - pad)))
    source = "{x}"
    if any(map(sum, ends)):
        amounts = ", ".join(map(str, [(0, 0), (0, 0), *ends]))
        yield f"{{cut}} = ops.pad({{x}}, ({amounts}), constant_values={border})"
        source = "{cut}"
    for axis in range(len(windows.sizes)):
        yield f"{{cut}} = ops.take({source}, {_places(windows, axis)}, axis={2 + 2 * axis})"
        source = "{cut}"


def _listed(sizes: tuple[int, ...]) -> str:
    return ", ".join(map(str, sizes))


@form(Unfold, wants=PLAIN, carries=False)
def unfold(kind: Unfold, x: Value) -> KerasForm:
    windows = kind.windows((x.H, x.W))
    size = (x.C * prod(windows.kernel), prod(windows.counts))
    turn = "{cut} = ops.transpose({cut}, (0, 1, 3, 5, 2, 4))"
    return KerasForm((*_cut(windows, "0.0"), turn, f"{{out}} = ops.reshape({{cut}}, (-1, {_listed(size)}))"))


@form(Fold, wants=PLAIN, carries=False)
def fold(kind: Fold, x: Value) -> KerasForm:
    windows = kind.windows(each(kind.output_size, 2))
    taps, counts = windows.kernel, windows.counts
    parts = (x.F // prod(taps), *taps, *counts)
    rows, columns = (f"ops.one_hot({_places(windows, axis)}, {windows.room(axis)})" for axis in (0, 1))
    lines = [
        f"{{parts}} = ops.reshape({{x}}, (-1, {_listed(parts)}))",
        f"{{rows}} = {rows}",
        f"{{columns}} = {columns}",
        '{out} = ops.einsum("ncabij,iah,jbw->nchw", {parts}, {rows}, {columns})',
    ]
    if any(windows.padding):
        inside = ", ".join(
            f"{pad}:{pad + size}" for pad, size in zip(windows.padding, windows.sizes, strict=True)
        )
        lines.append(f"{{out}} = {{out}}[:, :, {inside}]")
    return KerasForm(tuple(lines))


@form(Remembering, wants=PLAIN)
def remembering(kind: Remembering, x: Value) -> KerasForm:
    windows = kind.windows(x)
    n = kind.spatial
    order = (0, 1, *range(2, 2 + 2 * n, 2), *range(3, 3 + 2 * n, 2))
    lines = [*_cut(windows, 'float("-inf")')]
    if n > 1:
        lines.append(f"{{cut}} = ops.transpose({{cut}}, {order})")
        lines.append(
            f"{{cut}} = ops.reshape({{cut}}, (-1, {_listed((x.C, *windows.counts, prod(windows.kernel)))}))"
        )
    lines += ["{out} = ops.max({cut}, axis=-1)", "{tap} = ops.argmax({cut}, axis=-1)"]
    lines.append("{indices} = " + " + ".join(_counted(windows, axis) for axis in range(n)))
    return KerasForm(tuple(lines))


def _counted(windows: Windows, axis: int) -> str:
    """What an axis adds to the place of the largest value, counted in the flat map, from its `{tap}`."""
    last = len(windows.sizes) - 1
    inner, whole = prod(windows.kernel[axis + 1 :]), prod(windows.sizes[axis + 1 :])
    tap = ("{tap}" if axis == last else f"{{tap}} // {inner}") + (
        f" % {windows.kernel[axis]}" if axis else ""
    )
    start = f"ops.arange({windows.count(axis)}) * {windows.stride[axis]}"
    if axis < last:
        start = f"ops.reshape({start}, (-1{', 1' * (last - axis)}))"
    gap, pad = windows.dilation[axis], windows.padding[axis]
    place = start + " + " + (f"({tap}) * {gap}" if gap > 1 else tap) + (f" - {pad}" if pad else "")
    return place if axis == last else f"({place}) * {whole}"


@form(Unpooling, wants=PLAIN)
def unpooling(kind: Unpooling, x: Value, indices: Value, like: Value | None) -> KerasForm:
    sizes = kind.sizes(x, like)
    few, many = prod(x.shape.sample[1:]), prod(sizes)
    return KerasForm(
        (
            # one list of numbers for all samples and channels, since places are counted in each
            f"{{values}} = ops.reshape({{x}}, (-1, {few}))",
            f'{{places}} = ops.cast(ops.reshape({{indices}}, (-1, {few})), "int64")',
            f"{{start}} = ops.cumsum(ops.full_like({{places}}[:, :1], {many}), axis=0) - {many}",
            "{places} = ops.reshape({places} + {start}, (-1, 1))",
            f"{{zeros}} = ops.reshape(ops.repeat(ops.zeros_like({{values}}[:, :1]), {many}, axis=1), (-1,))",
            "{out} = ops.scatter_update({zeros}, {places}, ops.reshape({values}, (-1,)))",
            f"{{out}} = ops.reshape({{out}}, (-1, {_listed((x.C, *sizes))}))",
        )
    )


@form(GridSample, wants=PLAIN)
def grid_sample(kind: GridSample, x: Value, grid: Value) -> KerasForm:
    if kind.mode == "bicubic":
        raise Missing("between places Keras finds values by straight lines at most")
    lines = [f"{{pixels}} = ops.reshape({{x}}, (-1, {x.C}, {x.H * x.W}))"]
    for name, place, size in (("column", 0, x.W), ("row", 1, x.H)):
        lines += _coordinate(kind, "{" + name + "}", f"{{grid}}[..., {place}]", size)
    corners: list[tuple[str, str]]
    if kind.mode == "nearest":
        lines += ["{row}, {column} = ops.round({row}), ops.round({column})"]
        corners = [("{row}", "{column}")]
    else:
        lines += ["{top}, {left} = ops.floor({row}), ops.floor({column})"]
        corners = [(row, column) for row in ("{top}", "{top} + 1") for column in ("{left}", "{left} + 1")]
    total = "{out} = "
    for row, column in corners:
        weight = [] if kind.mode == "nearest" else [_share("{row}", row), _share("{column}", column)]
        if kind.outside == "zeros":
            weight += [f"({row} > -1) * ({row} < {x.H})", f"({column} > -1) * ({column} < {x.W})"]
        at = f"ops.clip({row}, 0, {x.H - 1}) * {x.W} + ops.clip({column}, 0, {x.W - 1})"
        lines += [
            f'{{at}} = ops.cast(ops.reshape({at}, (-1, 1, {grid.A * grid.B})), "int32")',
            f"{{value}} = ops.take_along_axis({{pixels}}, ops.repeat({{at}}, {x.C}, axis=1), axis=2)",
            f"{{value}} = ops.reshape({{value}}, (-1, {x.C}, {grid.A}, {grid.B}))",
        ]
        value = "{value}"
        if weight:
            lines.append("{weight} = " + " * ".join(weight))
            value += ' * ops.cast(ops.expand_dims({weight}, 1), "float32")'
        lines.append(total + value)
        total = "{out} = {out} + "
    return KerasForm(tuple(lines))


def _share(place: str, corner: str) -> str:
    """How much of a corner stands in what is found at a place between two of them."""
    return f"(1 - {place} + {corner})" if corner.endswith("}") else f"({place} - {corner.split()[0]})"


def _coordinate(kind: GridSample, name: str, source: str, size: int) -> Iterator[str]:
    """The lines that turn −1 to 1 into a place along an axis, brought inside where that is asked for."""
    if kind.corners:
        yield f"{name} = ({source} + 1) * {(size - 1) / 2!r}"
        low, span = 0.0, float(size - 1)
    else:
        yield f"{name} = (({source} + 1) * {size} - 1) / 2"
        low, span = -0.5, float(size)
    if kind.outside == "reflection":
        if span:
            moved = f"{name} - {low!r}" if low else name
            yield f"{name} = {span!r} - ops.abs(ops.mod({moved}, {2 * span!r}) - {span!r})" + (
                f" + {low!r}" if low else ""
            )
        else:
            yield f"{name} = ops.zeros_like({name})"
    if kind.outside != "zeros":
        yield f"{name} = ops.clip({name}, 0, {size - 1})"
