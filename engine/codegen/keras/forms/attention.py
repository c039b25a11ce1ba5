"""Attention, whole Transformer layers, and waves that tell the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import log

from engine.codegen.keras.forms.form import PLAIN, Arrays, KerasForm, State, Value, call, form, unless
from engine.layers.attention import MultiheadAttention
from engine.layers.positions import RotaryPositions, SinusoidalPositions
from engine.layers.transformer import Decoding, Encoding, ScaledDotProductAttention, Stacked, Transforming


def attention_weights(state: State, width: int, heads: int) -> Arrays:
    """PyTorch's projections, a matrix width × inputs for all heads, as Keras keeps them: inputs × heads ×
    each, and heads × each × width for what comes out.
    """
    each = width // heads
    if "in_proj_weight" in state:
        matrices = [state["in_proj_weight"][i * width : (i + 1) * width] for i in range(3)]
    else:
        matrices = [state[f"{name}_proj_weight"] for name in "qkv"]
    biases = state.get("in_proj_bias")
    arrays: Arrays = []
    for i, matrix in enumerate(matrices):
        arrays.append(matrix.T.reshape(-1, heads, each))
        if biases is not None:
            arrays.append(biases[i * width : (i + 1) * width].reshape(heads, each))
    arrays.append(state["out_proj.weight"].T.reshape(heads, each, width))
    return arrays if biases is None else [*arrays, state["out_proj.bias"]]


def _attention(width: int, heads: int, dropout: float, bias: bool = True) -> str:
    return call(
        "MultiHeadAttention",
        heads,
        width // heads,
        output_shape=width,
        dropout=unless(dropout, 0.0),
        use_bias=unless(bias, True),
    )


def _showing(mask: str, shown: str = "shown") -> tuple[str, ...]:
    """The lines that say which steps a padding mask shows to all that look; a sample that is all padding
    shows all.
    """
    return (
        f"{{{shown}}} = ops.not_equal({{{mask}}}, 0)",
        f"{{{shown}}} = ops.logical_or({{{shown}}}, ~ops.any({{{shown}}}, axis=1, keepdims=True))",
        f"{{{shown}}} = ops.expand_dims({{{shown}}}, 1)",
    )


PARTS = ("query", "key", "value", "join")
"""The linear maps of attention, as layers of their own."""


def _maps(width: int, heads: int, bias: bool) -> dict[str, str]:
    """The calls that make these layers."""
    into = call(
        "EinsumDense",
        "nsi,ihd->nshd",
        output_shape=(None, heads, width // heads),
        bias_axes="hd" if bias else None,
    )
    join = call("EinsumDense", "nthd,hdo->nto", output_shape=(None, width), bias_axes="o" if bias else None)
    return dict(zip(PARTS, (into, into, into, join), strict=True))


def _map_weights(arrays: Arrays) -> dict[str, Arrays]:
    """The weights of these layers, of what `attention_weights` gives."""
    each = len(arrays) // len(PARTS)
    return {part: arrays[i * each : (i + 1) * each] for i, part in enumerate(PARTS)}


def _attending(
    given: tuple[str, str, str], layers: Mapping[str, str], steps: tuple[int, int], each: int, dropout: float
) -> Iterator[str]:
    """The lines of causal attention under the mask `{shown}`, N×1×S, down to `{seen}`; `steps` are T and S.

    A mask and the order of steps together may hide all of them from one, which then gathers nothing. Keras'
    own attention would let it gather from all alike.
    """
    query, key, value = given
    yield f"{{q}} = {layers['query']}({query})"
    yield f"{{k}} = {layers['key']}({key})"
    yield f"{{v}} = {layers['value']}({value})"
    earlier = f'ops.tri({steps[0]}, {steps[1]}, dtype="bool")'
    yield f"{{sees}} = ops.expand_dims(ops.logical_and({{shown}}, {earlier}), 1)"
    yield f'{{scores}} = ops.einsum("nthd,nshd->nhts", {{q}}, {{k}}) * {each**-0.5!r}'
    yield '{shares} = ops.softmax(ops.where({sees}, {scores}, -1e9)) * ops.cast({sees}, "float32")'
    shares = f"{call('Dropout', dropout)}({{shares}})" if dropout else "{shares}"
    yield f'{{seen}} = ops.einsum("nhts,nshd->nthd", {shares}, {{v}})'
    yield f"{{seen}} = {layers['join']}({{seen}})"


@form(MultiheadAttention, wants=PLAIN)
def multihead(
    kind: MultiheadAttention,
    query: Value,
    key: Value | None = None,
    value: Value | None = None,
    mask: Value | None = None,
) -> KerasForm:
    keys = "{query}" if key is None else "{key}"
    values = keys if value is None else "{value}"
    words = ["{query}", values]
    if values != keys:
        words.append(f"key={keys}")
    lines: list[str] = []
    width, heads = query.F, kind.heads
    if mask is not None:
        lines += _showing("mask")
        words.append("attention_mask={shown}")
    if kind.causal:
        words.append("use_causal_mask=True")
    if kind.causal and mask is not None:
        layers = {part: f"{{m_{part}}}" for part in PARTS}
        steps = (query.T, query.T if key is None else key.S)
        lines += _attending(("{query}", keys, values), layers, steps, width // heads, kind.dropout)
        lines[-1] = lines[-1].replace("{seen}", "{out}", 1)
        return KerasForm(
            tuple(lines),
            _maps(width, heads, kind.bias),
            lambda state: _map_weights(attention_weights(state, width, heads)),
        )
    lines.append("{out} = {m}(" + ", ".join(words) + ")")
    layer = _attention(width, heads, kind.dropout, kind.bias)
    return KerasForm(tuple(lines), {"": layer}, lambda state: {"": attention_weights(state, width, heads)})


@form(ScaledDotProductAttention, wants=PLAIN)
def scaled_dot_product(
    kind: ScaledDotProductAttention, query: Value, key: Value, value: Value, mask: Value | None = None
) -> KerasForm:
    heads, each = kind.heads, query.F // kind.heads
    lines = [
        f"{{q}} = ops.reshape({{query}}, (-1, {query.T}, {heads}, {each}))",
        f"{{k}} = ops.reshape({{key}}, (-1, {key.S}, {heads}, {each}))",
        f"{{v}} = ops.reshape({{value}}, (-1, {value.S}, {heads}, {value.E // heads}))",
        f'{{scores}} = ops.einsum("nthd,nshd->nhts", {{q}}, {{k}}) * {each**-0.5!r}',
    ]
    shares = "ops.softmax({scores})"
    earlier = f'ops.tri({query.T}, {key.S}, dtype="bool")'
    if mask is not None:
        lines += [*_showing("mask"), "{shown} = ops.expand_dims({shown}, 1)"]
        if kind.causal:
            lines.append(f"{{shown}} = ops.logical_and({{shown}}, {earlier})")
        lines.append("{scores} = ops.where({shown}, {scores}, -1e9)")
        shares = 'ops.softmax({scores}) * ops.cast({shown}, "float32")'  # who sees nothing gathers nothing
    elif kind.causal:
        lines.append(f'{{scores}} = ops.where({earlier}, {{scores}}, float("-inf"))')
    lines += [
        '{seen} = ops.einsum("nhts,nshd->nthd", ' + shares + ", {v})",
        f"{{out}} = ops.reshape({{seen}}, (-1, {query.T}, {value.E}))",
    ]
    return KerasForm(tuple(lines))


# --------------------------------------------------------------------------- whole layers


class _TransformerWriter:
    """Writes the parts of Transformer layers one after the other, and remembers where their weights are."""

    def __init__(
        self, kind: Encoding | Decoding, x: Value, masked: bool, memory_masked: bool = False
    ) -> None:
        self.kind, self.width, self.steps = kind, x.F, x.T
        self.masked, self.memory_masked = masked, memory_masked
        self.lines: list[str] = []
        if masked:
            self.lines += _showing("mask")
        if memory_masked:
            self.lines += _showing("memory_mask", "remembered")
        self.makes: dict[str, str] = {}
        self.places: dict[str, tuple[str, str]] = {}  # suffix -> what it is, and its name in PyTorch

    def add_layer(self, suffix: str, text: str, what: str, place: str) -> str:
        """Note the call that makes a layer, and where its weights are. Gives what stands for it in a line."""
        self.makes[suffix] = text
        self.places[suffix] = (what, place)
        return "{m_" + suffix + "}"

    def norm(self, suffix: str, place: str, source: str) -> str:
        text = call("LayerNormalization", epsilon=self.kind.eps, center=unless(self.kind.bias, True))
        return self.add_layer(suffix, text, "norm", place) + f"({source})"

    def drop(self, source: str) -> str:
        return f"{call('Dropout', self.kind.dropout)}({source})" if self.kind.dropout else source

    def attend_both(self, suffix: str, place: str, source: str) -> None:
        """Attend to itself, causally and under a mask."""
        maps = _maps(self.width, self.kind.heads, self.kind.bias)
        layers = {part: self.add_layer(f"{suffix}_{part}", text, part, place) for part, text in maps.items()}
        given, each = (source, source, source), self.width // self.kind.heads
        self.lines += _attending(given, layers, (self.steps, self.steps), each, self.kind.dropout)
        self.lines[-1] = self.lines[-1].replace("{seen}", "{part}", 1)

    def attend(
        self, suffix: str, place: str, source: str, memory: str, shown: str, causal: bool = False
    ) -> str:
        text = _attention(self.width, self.kind.heads, self.kind.dropout, self.kind.bias)
        masks = f", attention_mask={shown}" if shown else ""
        masks += ", use_causal_mask=True" if causal else ""
        return self.add_layer(suffix, text, "attention", place) + f"({source}, {memory}{masks})"

    def feed(self, start: str, place: str, source: str) -> None:
        bias = unless(self.kind.bias, True)
        wide = call("Dense", self.kind.feedforward, activation=self.kind.activation, use_bias=bias)
        self.lines.append(
            "{part} = " + self.add_layer(f"{start}wide", wide, "dense", f"{place}linear1") + f"({source})"
        )
        narrow = call("Dense", self.width, use_bias=bias)
        inner = self.drop("{part}")
        self.lines.append(
            "{part} = " + self.add_layer(f"{start}narrow", narrow, "dense", f"{place}linear2") + f"({inner})"
        )

    def part(self, start: str, place: str, number: int, work: Callable[[str], None]) -> None:
        """One part with its skip and its normalisation, before it or after it."""
        name, path = f"{start}norm{number}", f"{place}norm{number}"
        if self.kind.norm_first:
            self.lines.append("{part} = " + self.norm(name, path, "{state}"))
            work("{part}")
            self.lines.append("{state} = {state} + " + self.drop("{part}"))
        else:
            work("{state}")
            self.lines.append("{state} = " + self.norm(name, path, "{state} + " + self.drop("{part}")))

    def layer(self, start: str, place: str) -> None:
        """One whole layer."""

        def attend_itself(source: str) -> None:
            if self.masked and self.kind.causal:
                self.attend_both(f"{start}attention", f"{place}self_attn", source)
                return
            shown = "{shown}" if self.masked else ""
            text = self.attend(
                f"{start}attention", f"{place}self_attn", source, source, shown, self.kind.causal
            )
            self.lines.append("{part} = " + text)

        def attend_memory(source: str) -> None:
            shown = "{remembered}" if self.memory_masked else ""
            text = self.attend(f"{start}memory", f"{place}multihead_attn", source, "{memory}", shown)
            self.lines.append("{part} = " + text)

        self.part(start, place, 1, attend_itself)
        decodes = isinstance(self.kind, Decoding)
        if decodes:
            self.part(start, place, 2, attend_memory)
        self.part(start, place, 3 if decodes else 2, lambda source: self.feed(start, place, source))

    def form(self) -> KerasForm:
        """What was written, as one form whose weights go over layer by layer."""
        # Every part takes `{state}` and leaves it. The last leaves the output instead, and the first, up to
        # the line that leaves a `{state}`, takes the input.
        self.lines[-1] = self.lines[-1].replace("{state} = ", "{out} = ", 1)
        first = next(i for i, line in enumerate(self.lines) if line.startswith(("{state} = ", "{out} = ")))
        for i in range(first + 1):
            head, _, tail = self.lines[i].partition(" = ")
            self.lines[i] = head + " = " + tail.replace("{state}", "{x}")
        width, heads, places = self.width, self.kind.heads, self.places

        def weights(state: State) -> dict[str, Arrays]:
            arrays = {}
            for suffix, (what, place) in places.items():
                own = {k.removeprefix(f"{place}."): v for k, v in state.items() if k.startswith(f"{place}.")}
                if what == "attention":
                    arrays[suffix] = attention_weights(own, width, heads)
                elif what in PARTS:
                    arrays[suffix] = _map_weights(attention_weights(own, width, heads))[what]
                else:
                    first = own["weight"].T if what == "dense" else own["weight"]
                    arrays[suffix] = [first, *([own["bias"]] if "bias" in own else [])]
            return arrays

        return KerasForm(tuple(self.lines), self.makes, weights)


@form(Encoding, wants=PLAIN)
def encoding(kind: Encoding, x: Value, mask: Value | None = None) -> KerasForm:
    return _transforming(kind, _TransformerWriter(kind, x, mask is not None))


@form(Decoding, wants=PLAIN)
def decoding(
    kind: Decoding, x: Value, memory: Value, mask: Value | None = None, memory_mask: Value | None = None
) -> KerasForm:
    return _transforming(kind, _TransformerWriter(kind, x, mask is not None, memory_mask is not None))


def _transforming(kind: Transforming, writer: _TransformerWriter) -> KerasForm:
    if not isinstance(kind, Stacked):
        writer.layer("", "")
        return writer.form()
    for i in range(kind.layers):
        writer.layer(f"layer{i + 1}_", f"layers.{i}.")
    if kind.final_norm:
        writer.lines.append("{state} = " + writer.norm("norm", "norm", "{state}"))
    return writer.form()


# --------------------------------------------------------------------------- positions


def _angles(width: int, steps: int, base: float) -> tuple[str, ...]:
    rate = -log(base) / width
    return (
        f'{{rates}} = ops.exp(ops.arange(0, {width}, 2, dtype="float32") * {rate!r})',
        f'{{angles}} = ops.outer(ops.arange({steps}, dtype="float32"), {{rates}})',
    )


@form(SinusoidalPositions, wants=PLAIN)
def sinusoidal(kind: SinusoidalPositions, x: Value) -> KerasForm:
    waves = "ops.stack([ops.sin({angles}), ops.cos({angles})], axis=2)"
    line = "{out} = {x} + ops.reshape(" + waves + f", (1, {x.T}, {x.F}))"
    return KerasForm((*_angles(x.F, x.T, kind.base), line))


@form(RotaryPositions, wants=PLAIN)
def rotary(kind: RotaryPositions, x: Value) -> KerasForm:
    width = x.F // kind.heads
    shape = f"(-1, {x.T}, {kind.heads}, {width // 2}, 2)"
    return KerasForm(
        (
            *_angles(width, x.T, kind.base),
            "{angles} = ops.expand_dims({angles}, 1)",
            "{sin}, {cos} = ops.sin({angles}), ops.cos({angles})",
            f"{{pairs}} = ops.reshape({{x}}, {shape})",
            "{a}, {b} = {pairs}[..., 0], {pairs}[..., 1]",
            "{pairs} = ops.stack([{a} * {cos} - {b} * {sin}, {a} * {sin} + {b} * {cos}], axis=-1)",
            f"{{out}} = ops.reshape({{pairs}}, (-1, {x.T}, {x.F}))",
        )
    )
