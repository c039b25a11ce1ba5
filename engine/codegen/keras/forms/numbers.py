"""Arithmetic, sums along an axis and functions of every number."""

from __future__ import annotations

from collections import Counter

from engine.codegen.keras.forms.arrange import without
from engine.codegen.keras.forms.form import (
    PLAIN,
    KerasForm,
    Missing,
    Value,
    call,
    expression,
    form,
    one_layer,
)
from engine.layers import functions as fn
from engine.layers import reduce as red
from engine.layers.arithmetic import CosineSimilarity, Divide, Einsum, MatMul, PairwiseDistance, Subtract


@form(Subtract)
def subtract(kind: Subtract, a: Value, b: Value) -> KerasForm:
    return one_layer(call("Subtract"), turned=a.turned, line="{out} = {m}([{a}, {b}])")


@form(Divide)
def divide(kind: Divide, a: Value, b: Value) -> KerasForm:
    return expression("{a} / {b}", a.turned)


@form(CosineSimilarity, carries=False)
def cosine(kind: CosineSimilarity, a: Value, b: Value) -> KerasForm:
    axis = a.axis(kind.axis)
    lengths = [f"ops.maximum({length(name, axis, 2.0)}, 1e-08)" for name in ("{a}", "{b}")]
    text = f"ops.sum({{a}} * {{b}}, axis={axis}) / ({' * '.join(lengths)})"
    return expression(text, without(kind.axis, a))


@form(PairwiseDistance, carries=False)
def distance(kind: PairwiseDistance, a: Value, b: Value) -> KerasForm:
    return KerasForm(
        ("{gap} = {a} - {b} + 1e-06", "{out} = " + length("{gap}", a.axis(-1), kind.order)),
        turned=without(-1, a),
    )


def length(name: str, axis: int, order: float, keep: bool = False) -> str:
    """The length of vectors along an axis of Keras."""
    keeping = ", keepdims=True" if keep else ""
    if order == 2:
        return f"ops.sqrt(ops.sum(ops.square({name}), axis={axis}{keeping}))"
    if order == 1:
        return f"ops.sum(ops.abs({name}), axis={axis}{keeping})"
    return f"ops.power(ops.sum(ops.power(ops.abs({name}), {order!r}), axis={axis}{keeping}), {1 / order!r})"


@form(MatMul, wants=PLAIN)
def matrix_product(kind: MatMul, a: Value, b: Value) -> KerasForm:
    return expression("ops.matmul({a}, ops.swapaxes({b}, -1, -2))" if kind.turned else "ops.matmul({a}, {b})")


@form(Einsum, wants=PLAIN)
def einsum(kind: Einsum, xs: list[Value]) -> KerasForm:
    terms = kind.equation.split("->")[0].split(",")
    if any(count > 1 for term in terms for count in Counter(term).values()):
        raise Missing("an equation that names one axis twice")
    names = ", ".join(f"{{xs[{i}]}}" for i in range(len(xs)))
    return expression(f'ops.einsum("{kind.equation}", {names})')


def _reduced(kind: red.Reduction, x: Value, text: str) -> KerasForm:
    """A reduction in whose text `AXIS` stands for its axis and what follows it."""
    keeping = ", keepdims=True" if kind.keep else ""
    turned = x.turned if kind.keep else without(kind.axis, x)
    return expression(text.replace("AXIS", f"axis={x.axis(kind.axis)}{keeping}"), turned)


CALLS = {red.Mean: "mean", red.Sum: "sum", red.Max: "max", red.Min: "min"}


@form(*CALLS, carries=False)
def reduction(kind: red.Reduction, x: Value) -> KerasForm:
    return _reduced(kind, x, f"ops.{CALLS[type(kind)]}({{x}}, AXIS)")


@form(red.Variance, red.StandardDeviation, carries=False)
def spread(kind: red.Reduction, x: Value) -> KerasForm:
    size = x.shape.sample[kind.axis % x.rank - 1]
    unbiased = f"ops.var({{x}}, AXIS) * {size / (size - 1)!r}"
    return _reduced(kind, x, f"ops.sqrt({unbiased})" if isinstance(kind, red.StandardDeviation) else unbiased)


@form(red.Norm, carries=False)
def norm(kind: red.Norm, x: Value) -> KerasForm:
    turned = x.turned if kind.keep else without(kind.axis, x)
    return expression(length("{x}", x.axis(kind.axis), kind.order, kind.keep), turned)


@form(red.Normalise)
def normalise(kind: red.Normalise, x: Value) -> KerasForm:
    return expression(
        f"{{x}} / ops.maximum({length('{x}', x.axis(kind.axis), kind.order, True)}, 1e-12)", x.turned
    )


@form(red.ArgMax, carries=False)
def argmax(kind: red.ArgMax, x: Value) -> KerasForm:
    return expression(f"ops.argmax({{x}}, axis={x.axis(kind.axis)})", without(kind.axis, x))


@form(red.TopK)
def top_k(kind: red.TopK, x: Value) -> KerasForm:
    axis = x.axis(kind.axis)
    if axis == x.rank - 1:
        return KerasForm((f"{{out}}, {{indices}} = ops.top_k({{x}}, {kind.k})",), turned=x.turned)
    return KerasForm(
        (
            f"{{best}}, {{places}} = ops.top_k(ops.swapaxes({{x}}, {axis}, -1), {kind.k})",
            f"{{out}} = ops.swapaxes({{best}}, {axis}, -1)",
            f"{{indices}} = ops.swapaxes({{places}}, {axis}, -1)",
        ),
        turned=x.turned,
    )


@form(red.CumulativeSum)
def running_total(kind: red.CumulativeSum, x: Value) -> KerasForm:
    return expression(f"ops.cumsum({{x}}, axis={x.axis(kind.axis)})", x.turned)


@form(fn.Power)
def power(kind: fn.Power, x: Value) -> KerasForm:
    return expression(f"ops.power({{x}}, {kind.exponent!r})", x.turned)


WORDS = {fn.SquareRoot: "sqrt", fn.Exponential: "exp", fn.Absolute: "abs"}


@form(*WORDS)
def function(kind: fn.Function, x: Value) -> KerasForm:
    return expression(f"ops.{WORDS[type(kind)]}({{x}})", x.turned)


@form(fn.Logarithm)
def logarithm(kind: fn.Logarithm, x: Value) -> KerasForm:
    return expression(f"ops.log({{x}} + {kind.shift!r})" if kind.shift else "ops.log({x})", x.turned)


@form(fn.Clamp)
def clamp(kind: fn.Clamp, x: Value) -> KerasForm:
    if kind.lower is None:
        return expression(f"ops.minimum({{x}}, {kind.upper!r})", x.turned)
    if kind.upper is None:
        return expression(f"ops.maximum({{x}}, {kind.lower!r})", x.turned)
    return expression(f"ops.clip({{x}}, {kind.lower!r}, {kind.upper!r})", x.turned)


@form(fn.ScaleShift)
def scale_shift(kind: fn.ScaleShift, x: Value) -> KerasForm:
    return one_layer(call("Rescaling", kind.scale, kind.shift), turned=x.turned)


@form(fn.Cast)
def cast(kind: fn.Cast, x: Value) -> KerasForm:
    return expression(f'ops.cast({{x}}, "{"float32" if kind.to == "float" else "int32"}")', x.turned)


@form(fn.Where)
def where(kind: fn.Where, condition: Value, a: Value, b: Value) -> KerasForm:
    return expression("ops.where({condition} > 0, {a}, {b})", a.turned)


@form(fn.Mask, wants=PLAIN)
def mask(kind: fn.Mask, x: Value, mask: Value) -> KerasForm:
    lacking = "[..." + ", None" * (x.rank - mask.rank) + "]" if x.rank > mask.rank else ""
    return expression(f"ops.where(ops.equal({{mask}}{lacking}, 0), {kind.value!r}, {{x}})")
