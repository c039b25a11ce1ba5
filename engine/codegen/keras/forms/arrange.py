"""Layers that join, cut, turn and lay out anew. Axes are counted as Keras has them."""

from __future__ import annotations

from math import prod

from engine.codegen.keras.forms.form import (
    PLAIN,
    KerasForm,
    Note,
    Value,
    call,
    expression,
    form,
    one_layer,
    unless,
)
from engine.layers.combine import Add, Concatenate, Elementwise, Maximum, Minimum, Multiply
from engine.layers.cutting import Chunk, Select, Slice, Split
from engine.layers.rearrange import Expand, Repeat, Roll, Squeeze, Stack, Transpose, Unflatten, Unsqueeze
from engine.layers.reshape import Flatten, Permute, Reshape
from engine.message import Message


def listed(xs: list[Value]) -> str:
    """The inputs of a many-port, as a list."""
    return "[" + ", ".join(f"{{xs[{i}]}}" for i in range(len(xs))) + "]"


@form(Add, Multiply, Minimum, Maximum)
def elementwise(kind: Elementwise, xs: list[Value]) -> KerasForm:
    return one_layer(call(type(kind).__name__), turned=xs[0].turned, line="{out} = {m}(" + listed(xs) + ")")


@form(Concatenate)
def concatenate(kind: Concatenate, xs: list[Value]) -> KerasForm:
    axis = xs[0].axis(kind.axis)
    layer = call("Concatenate", axis=unless(-1 if axis == xs[0].rank - 1 else axis, -1))
    return one_layer(layer, turned=xs[0].turned, line="{out} = {m}(" + listed(xs) + ")")


@form(Stack, wants=PLAIN)
def stack(kind: Stack, xs: list[Value]) -> KerasForm:
    return expression(f"ops.stack({listed(xs)}, axis={kind.axis})")


def _in_order(kind: Flatten, x: Value) -> tuple[str, Note] | None:
    """Why channels have to stand first again before they are laid out, where that makes a difference."""
    channels, *places = x.shape.sample
    if kind.first(x) == 1 and (channels == 1 or prod(places) == 1):
        return None
    text = "A Permute keeps the {size} numbers in PyTorch order, so weights carry over."
    note = Note(Message("Flatten order"), Message(text, size=f"{x.shape.size:,}"))
    return "PyTorch flattens channels first", note


@form(Flatten, carries=False, insists=_in_order)
def flatten(kind: Flatten, x: Value) -> KerasForm:
    first = kind.first(x)
    if first == 1 or x.rank <= first:
        return one_layer(call("Flatten"))
    sizes = x.shape.sample
    return one_layer(call("Reshape", (*sizes[: first - 1], prod(sizes[first - 1 :]))))


@form(Reshape, wants=PLAIN, carries=False)
def reshape(kind: Reshape, x: Value) -> KerasForm:
    return one_layer(call("Reshape", kind.result(x) or kind.sizes))


@form(Unflatten, wants=PLAIN, carries=False)
def unflatten(kind: Unflatten, x: Value) -> KerasForm:
    sizes = list(x.shape.sample)
    axis = kind.axis % x.rank - 1
    known = prod(size for size in kind.sizes if size != -1)
    parts = [sizes[axis] // known if size == -1 else size for size in kind.sizes]
    return one_layer(call("Reshape", (*sizes[:axis], *parts, *sizes[axis + 1 :])))


@form(Permute, carries=False)
def permute(kind: Permute, x: Value) -> KerasForm:
    return _reordered(kind.order, x)


@form(Transpose, carries=False)
def transpose(kind: Transpose, x: Value) -> KerasForm:
    order = list(range(1, x.rank))
    one, two = kind.first % x.rank - 1, kind.second % x.rank - 1
    order[one], order[two] = order[two], order[one]
    return _reordered(tuple(order), x)


def _reordered(order: tuple[int, ...], x: Value) -> KerasForm:
    """PyTorch's axes in that order. Where Keras has them so already, nothing happens."""
    plain = tuple(x.axis(axis) for axis in order)
    turned = (*plain[1:], plain[0])
    still = tuple(range(1, x.rank))
    if still in (plain, turned):
        return expression("{x}", turned=plain != still)
    return one_layer(call("Permute", plain))


def without(axis: int, x: Value) -> bool:
    """Whether what is left without an axis of PyTorch's still has its channels last."""
    return x.turned and axis % x.rank != 1


@form(Squeeze, carries=False)
def squeeze(kind: Squeeze, x: Value) -> KerasForm:
    return expression(f"ops.squeeze({{x}}, axis={x.axis(kind.axis)})", without(kind.axis, x))


@form(Unsqueeze, wants=PLAIN, carries=False)
def unsqueeze(kind: Unsqueeze, x: Value) -> KerasForm:
    return expression(f"ops.expand_dims({{x}}, axis={kind.axis})")


@form(Expand)
def expand(kind: Expand, x: Value) -> KerasForm:
    if x.shape.dims[kind.axis] == kind.size:
        return expression("{x}", x.turned)
    return expression(f"ops.repeat({{x}}, {kind.size}, axis={x.axis(kind.axis)})", x.turned)


@form(Repeat)
def repeat(kind: Repeat, x: Value) -> KerasForm:
    copies = f"[{{x}}] * {kind.times}"
    return expression(f"ops.concatenate({copies}, axis={x.axis(kind.axis)})", x.turned)


@form(Roll)
def roll(kind: Roll, x: Value) -> KerasForm:
    return expression(f"ops.roll({{x}}, {kind.by}, axis={x.axis(kind.axis)})", x.turned)


@form(Split, Chunk)
def split(kind: Split | Chunk, x: Value) -> KerasForm:
    if kind.parts() == 1:
        return KerasForm(("{out1} = {x}",), turned=x.turned)
    if isinstance(kind, Split):
        ends = [sum(kind.sizes[: i + 1]) for i in range(len(kind.sizes) - 1)]
        cuts = str(ends)
    else:
        cuts = str(kind.pieces)
    return KerasForm(
        (f"{kind.names()} = ops.split({{x}}, {cuts}, axis={x.axis(kind.axis)})",), turned=x.turned
    )


def index(axis: int, text: str) -> str:
    """An index along one axis of Keras: `[:, :, 2:5]`."""
    return "[" + ":, " * axis + text + "]"


@form(Slice)
def cut(kind: Slice, x: Value) -> KerasForm:
    ends = f"{kind.start or ''}:{'' if kind.stop is None else kind.stop}"
    text = ends if kind.step == 1 else f"{ends}:{kind.step}"
    return expression("{x}" + index(x.axis(kind.axis), text), x.turned)


@form(Select, carries=False)
def select(kind: Select, x: Value) -> KerasForm:
    return expression("{x}" + index(x.axis(kind.axis), str(kind.index)), without(kind.axis, x))
