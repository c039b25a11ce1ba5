"""Layers in which every input reaches every output, and tables of rows."""

from __future__ import annotations

import re

from engine.codegen.keras.forms.form import (
    PLAIN,
    Arrays,
    KerasForm,
    Missing,
    Note,
    State,
    Value,
    call,
    form,
    one_layer,
    same_weights,
    unless,
)
from engine.kinds.code import literal
from engine.layers.attention import Embedding, EmbeddingBag, Table
from engine.layers.dense import Bilinear, Identity, Linear
from engine.layers.positions import LearnedPositions, RelativePositionBias
from engine.layers.tensors import IDENTITY, NUMBER, ConstantTensor, GivenTensor, LearnedTensor
from engine.message import Message


@form(Linear, wants=PLAIN)
def linear(kind: Linear, x: Value) -> KerasForm:
    def weights(state: State) -> Arrays:
        return [state["weight"].T, *([state["bias"]] if kind.bias else [])]

    return one_layer(call("Dense", kind.out_features, use_bias=unless(kind.bias, True)), weights)


TIED_DENSE = '''@keras.saving.register_keras_serializable()
class TiedDense(layers.Layer):
    """A Dense layer whose kernel is the table of an Embedding, turned."""

    def __init__(self, embedding, use_bias=True, **words):
        super().__init__(**words)
        self.embedding = embedding
        shape = (embedding.input_dim,)
        self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias") if use_bias else None

    def call(self, x):
        x = ops.matmul(x, ops.transpose(self.embedding.embeddings))
        return x if self.bias is None else x + self.bias

    def get_config(self):
        embedding = keras.saving.serialize_keras_object(self.embedding)
        return {**super().get_config(), "embedding": embedding, "use_bias": self.bias is not None}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop("embedding")), **config)
'''


def tied(kind: Linear, embedding: str) -> KerasForm:
    """A Linear layer that uses the table of the Embedding in that variable, which brings the table's
    weights.
    """
    if not kind.bias:
        return one_layer(f"TiedDense({embedding}, use_bias=False)")
    # set_weights wants all that the layer uses, its own first
    return one_layer(f"TiedDense({embedding})", same_weights("bias", "weight"))


@form(Bilinear, wants=PLAIN)
def bilinear(kind: Bilinear, x1: Value, x2: Value) -> KerasForm:
    def weights(state: State) -> dict[str, Arrays]:
        table = state["weight"].reshape(kind.out_features, -1).T
        return {"": [table, *([state["bias"]] if kind.bias else [])]}

    places = ", ".join(map(str, (*x1.shape.sample[:-1], x1.F * x2.E)))
    lines = (
        "{products} = ops.expand_dims({x1}, -1) * ops.expand_dims({x2}, -2)",
        f"{{out}} = {{m}}(ops.reshape({{products}}, (-1, {places})))",
    )
    note = Note(Message("Bilinear"), Message("A Dense layer over all products of the two inputs."))
    layer = call("Dense", kind.out_features, use_bias=unless(kind.bias, True))
    return KerasForm(lines, {"": layer}, weights, notes=(note,))


@form(Identity)
def identity(kind: Identity, x: Value) -> KerasForm:
    return one_layer(call("Identity"), turned=x.turned)


@form(Embedding, wants=PLAIN)
def embedding(kind: Embedding, x: Value) -> KerasForm:
    _as_long_as_they_are(kind)
    notes: tuple[Note, ...] = ()
    if kind.padding_idx is not None:
        text = "Row {row} stays zero in PyTorch; Keras trains it like the others."
        notes = (Note(Message("Embedding"), Message(text, row=kind.padding_idx)),)
    return one_layer(call("Embedding", kind.entries, kind.width), same_weights("weight"), notes=notes)


@form(EmbeddingBag, wants=PLAIN)
def bag(kind: EmbeddingBag, x: Value) -> KerasForm:
    _as_long_as_they_are(kind)
    layer = call("Embedding", kind.entries, kind.width)
    if kind.padding_idx is None:
        return one_layer(
            layer, same_weights("weight"), line=f"{{out}} = ops.{kind.mode}({{m}}({{x}}), axis=1)"
        )
    if kind.mode == "max":
        raise Missing("Keras takes the largest of all rows, the padding among them")
    shown = f"ops.expand_dims(ops.not_equal({{x}}, {kind.padding_idx}), 2)"
    total = "ops.sum({m}({x}) * {shown}, axis=1)"
    share = " / ops.maximum(ops.sum({shown}, axis=1), 1)" if kind.mode == "mean" else ""
    lines = (f'{{shown}} = ops.cast({shown}, "float32")', "{out} = " + total + share)
    return KerasForm(lines, {"": layer}, lambda state: {"": [state["weight"]]})


def _as_long_as_they_are(kind: Table) -> None:
    if kind.max_norm is not None:
        raise Missing("Keras does not shorten rows where they are looked up")


_TABLE = Note(
    Message("Learned numbers"), Message("An Embedding keeps them, since Keras has no bare parameter.")
)


@form(LearnedPositions, wants=PLAIN)
def learned_positions(kind: LearnedPositions, x: Value) -> KerasForm:
    lines = (
        '{steps} = ops.cumsum(ops.ones_like({x}[:, :, 0], dtype="int32"), axis=1) - 1',
        "{out} = {x} + {m}({steps})",
    )
    return KerasForm(lines, {"": call("Embedding", x.T, x.F)}, lambda s: {"": [s[""][0]]}, notes=(_TABLE,))


def _per_sample(x: Value) -> str:
    """One number for each sample."""
    return "{x}[:" + ", 0" * (x.rank - 1) + "]" if x.rank > 1 else "{x}"


@form(GivenTensor)
def given(kind: GivenTensor, x: Value) -> KerasForm:
    return _repeated(kind.sizes, f'ops.convert_to_tensor({literal(kind.values)}, dtype="float32")', x)


def _pattern(kind: ConstantTensor) -> str:
    """A ramp, or an identity matrix."""
    if kind.pattern == IDENTITY:
        rows, columns = kind.sizes[-2:]
        return f"ops.eye({rows}, {columns})"
    return f'ops.arange({kind.sizes[-1]}, dtype="float32") * {kind.step!r} + {kind.value!r}'


def _repeated(sizes: tuple[int, ...], numbers: str, x: Value) -> KerasForm:
    """The same numbers for each sample, and along axes that they do not have."""
    ones = ", ".join(["-1", *["1"] * len(sizes)])
    tiles = ", ".join(["1", *map(str, sizes)])
    return KerasForm(
        (
            "{zero} = ops.zeros_like(" + _per_sample(x) + ', dtype="float32")',
            f"{{out}} = ops.tile(ops.reshape({{zero}}, ({ones})), ({tiles})) + {numbers}",
        )
    )


@form(RelativePositionBias, wants=PLAIN)
def relative_bias(kind: RelativePositionBias, x: Value) -> KerasForm:
    lines = tuple(_in_keras(line) for line in kind.gaps(x.T))
    return KerasForm(
        (
            '{step} = ops.cumsum(ops.ones_like({x}[:, 0, 0], dtype="int32"), axis=1) - 1',
            *lines,
            "{out} = {x} + ops.transpose({m}({gap}), (0, 3, 1, 2))",
        ),
        {"": call("Embedding", kind.distances(x.T), x.A)},
        lambda state: {"": [state[""].T]},
        notes=(_TABLE,),
    )


def _in_keras(line: str) -> str:
    """A reckoning with places as Keras writes it: for each sample, and clipping is no method."""
    line = re.sub(r"(\{\w+\}) - \1\[:, None\]", r"\1[:, None] - \1[:, :, None]", line)
    return re.sub(r"\(([^()]*)\)\.clip\(", r"ops.clip(\1, ", line)


@form(LearnedTensor)
def learned_tensor(kind: LearnedTensor, x: Value) -> KerasForm:
    lines = (
        "{zeros} = ops.zeros_like(" + _per_sample(x) + ', dtype="int32")',
        "{out} = ops.reshape({m}({zeros}), (-1, " + ", ".join(map(str, kind.sizes)) + "))",
    )
    size = 1
    for one in kind.sizes:
        size *= one
    return KerasForm(
        lines, {"": call("Embedding", 1, size)}, lambda s: {"": [s[""].reshape(1, -1)]}, notes=(_TABLE,)
    )


@form(ConstantTensor)
def constant(kind: ConstantTensor, x: Value) -> KerasForm:
    ones = ", ".join(["-1", *["1"] * len(kind.sizes)])
    tiles = ", ".join(["1", *map(str, kind.sizes)])
    if kind.pattern != NUMBER:
        return _repeated(kind.sizes, _pattern(kind), x)
    lines = (
        "{number} = ops.full_like(" + _per_sample(x) + f', {kind.value!r}, dtype="float32")',
        f"{{out}} = ops.tile(ops.reshape({{number}}, ({ones})), ({tiles}))",
    )
    return KerasForm(lines)
