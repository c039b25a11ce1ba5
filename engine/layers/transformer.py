"""Whole layers of Transformers, and attention without weights of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from engine.kinds import Layer, declare, param, settings
from engine.kinds.code import Call, Code
from engine.kinds.layer import BackwardNeeds, HeldInside
from engine.kinds.objections import UNEQUAL_STEPS, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.attention import (
    PADDING,
    as_numbers,
    heads_objection,
    hiding,
    inside_attention,
    later_steps,
    mask_objection,
)
from engine.layers.weighted import Weighted
from engine.message import counted

UNEQUAL_WIDTHS = ObjectionKind(
    "unequal-widths",
    expected="keys as wide as the queries, {expected}",
    why="They are {received} wide, and are multiplied with each other.",
)
MEMORY_WIDTH = UNEQUAL_WIDTHS.worded(
    expected="a memory as wide as the sequence, {expected}", why="It is {received} wide."
)

CAUSAL = "{later} = " + later_steps("{x}", "{x}")
MASKED_ENCODER_LAYER = '''
class MaskedEncoderLayer(nn.TransformerEncoderLayer):
    """An encoder layer that goes the same way in use as in training, so that masks may hide all from a step.

    The faster way that PyTorch's own goes in use comes to no number there.
    """

    def forward(self, src, src_mask, src_key_padding_mask, is_causal=True):
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask}
        if self.norm_first:
            src = src + self.looked(self.norm1(src), masks)
            return src + self.thought(self.norm2(src))
        src = self.norm1(src + self.looked(src, masks))
        return self.norm2(src + self.thought(src))

    def looked(self, x, masks):
        return self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])

    def thought(self, x):
        x = self.dropout(self.activation(self.linear1(x)))
        return self.dropout2(self.linear2(x))
'''


@declare(
    family="attention",
    hint="no weights",
    tall=False,
    stem="attention",
    search="scaled dot product attention query key value heads softmax sdpa",
)
class ScaledDotProductAttention(Layer):
    """Every step gathers from all steps what suits it, by likeness of query and key; nothing is learned here.

    Where queries, keys and values come from layers of their own.

    Formula: y = softmax(query·keyᵀ / √d)·value for each head; d = F / heads, query of width F

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    heads: int = param(1, lo=1, hi=1024, doc="Parts the width is split into, each with a look of its own")
    causal: bool = param(False, doc="No step sees a later one, as for predicting the next word")
    query = port("N T F", doc="the steps that look")
    key = port("N S F", doc="the steps that are looked at")
    value = port("N S E", doc="what is gathered from them")
    mask = port("N S", doc=PADDING, dtype="any", optional=True)

    def summary(self) -> str:
        words = [] if self.heads == 1 else [f"{self.heads} heads"]
        return ", ".join([*words, "causal"] if self.causal else words)

    def object(
        self, query: Incoming, key: Incoming, value: Incoming, mask: Incoming | None = None
    ) -> Iterator[Objection]:
        if query.F != key.F:
            yield UNEQUAL_WIDTHS(expected=query.F, received=key.F)
        elif key.S != value.S:
            yield UNEQUAL_STEPS(steps=key.S, received=value.S)
        else:
            yield from heads_objection(query.F, self.heads)
            if not query.F % self.heads:
                yield from heads_objection(value.E, self.heads)
        yield from mask_objection(key.S, mask)

    def torch(self, query: Incoming, key: Incoming, value: Incoming, mask: Incoming | None = None) -> Code:
        lines, last = self.hidden(mask)
        if self.heads == 1 and mask is None:  # ONNX takes a mask for heads alone
            return Code((f"{{out}} = F.scaled_dot_product_attention({{query}}, {{key}}, {{value}}{last})",))
        names = (("q", "query"), ("k", "key"), ("v", "value"))
        return Code(
            (
                *lines,
                *(
                    f"{{{short}}} = {{{name}}}.unflatten(2, ({self.heads}, -1)).transpose(1, 2)"
                    for short, name in names
                ),
                f"{{seen}} = F.scaled_dot_product_attention({{q}}, {{k}}, {{v}}{last})",
                "{out} = {seen}.transpose(1, 2).flatten(2)",
            )
        )

    def hidden(self, mask: Incoming | None) -> tuple[tuple[str, ...], str]:
        """What hides steps: lines before the attention, and words in its call."""
        if mask is None:
            return (), ", is_causal=True" if self.causal else ""
        lines = [hiding("mask"), "{shown} = ~{hidden}[:, None, None]"]
        if self.causal:  # PyTorch takes a mask or is_causal, not both
            earlier = "torch.ones({query}.shape[1], {key}.shape[1], dtype=torch.bool, device={query}.device)"
            lines.append(f"{{shown}} = {{shown}} & {earlier}.tril()")
        return tuple(lines), ", attn_mask={shown}"

    def macs(
        self, inputs: tuple[Incoming, Incoming, Incoming, Incoming | None], outputs: tuple[Shape, ...]
    ) -> int:
        query, key, value, _ = inputs
        return int(query.T * key.S * (query.F + value.E))

    def holds_inside(
        self, inputs: tuple[Incoming, Incoming, Incoming, Incoming | None], outputs: tuple[Shape, ...]
    ) -> HeldInside:
        """Nothing but a mask of T×S numbers, where there are two; with one head and no mask PyTorch goes
        another way, on which the T×S scores are kept, and Q and K scaled in their own stead. Measured with
        PyTorch 2.13.
        """
        query, key, _, mask = inputs
        scores = query.T * key.S
        if self.heads == 1 and mask is None:
            return HeldInside(scores, query.T * query.F)
        return HeldInside(scores if self.causal and mask is not None else 0)

    def sizing(self, query: Incoming, key: Incoming, value: Incoming, mask: Incoming | None = None) -> str:
        return f"d = {query.F} / {self.heads} = {query.F // self.heads}"


@settings
class Transforming(Weighted):
    """What encoder and decoder layers, alone and in stacks, share."""

    family = "attention"
    holds = "many"
    backward_needs: ClassVar[BackwardNeeds] = "nothing"  # it keeps copies
    heads: int = param(4, lo=1, hi=1024, doc="Parts the width is split into, each with a look of its own")
    feedforward: int = param(256, lo=1, hi=1_000_000, doc="Width of the hidden layer after the attention")
    dropout: float = param(0.1, lo=0, hi=1, doc="Probability that a value is dropped")
    activation: str = param(
        "relu", options=("relu", "gelu"), doc="Activation of the hidden layer", advanced=True
    )
    norm_first: bool = param(False, doc="Normalise before each part rather than after it", advanced=True)
    eps: float = param(1e-5, lo=0, above=True, doc="Added to the variance in normalising", advanced=True)
    bias: bool = param(True, doc="Add learned numbers in every part", advanced=True)

    def layer(self, name: str, width: int, text: str = "") -> Call:
        """One layer as torch makes it, or as the text of a class does."""
        words: list[tuple[str, Any]] = [("dim_feedforward", self.feedforward), ("dropout", self.dropout)]
        if self.activation != "relu":  # torch's own default is the function, not its name
            words.append(("activation", self.activation))
        words += [("layer_norm_eps", self.eps), ("batch_first", True), ("norm_first", self.norm_first)]
        words.append(("bias", self.bias))
        return Call(name if text else f"nn.{name}", (width, self.heads), tuple(words), text)

    def inside_layer(self, steps: int, width: int, *attentions: HeldInside) -> HeldInside:
        """What one layer holds of one sample, with its attentions. Measured with PyTorch 2.13.

        It keeps what each norm takes, or the attention after it; what the first of the Linear layers takes,
        and the hidden numbers, with GELU before it as well; with dropout also its masks, and what it left.
        """
        rows = len(attentions) + 2
        hidden = 2 if self.activation == "gelu" else 1
        if self.dropout > 0:
            rows += len(attentions) + 1
            hidden = 3
        kept = steps * (rows * width + hidden * self.feedforward)
        return HeldInside(
            kept + sum(one.kept for one in attentions),
            max(sum(one.passing for one in attentions), 2 * steps * self.feedforward),
        )

    def in_all(self, steps: int, width: int, layer: HeldInside) -> HeldInside:
        """What all layers hold, where one holds so much."""
        return layer

    def summary(self) -> str:
        return f"{counted(self.heads, 'head')}, {self.feedforward:,} hidden"


@settings
class Stacked(Transforming):
    """What stacks share."""

    layers: int = param(2, lo=1, hi=200, doc="How many layers stand on each other")
    final_norm: bool = param(True, doc="Normalise what comes out of the last")

    def stack(self, name: str, width: int, layer: Call, **more: Any) -> Call:
        """The stack of such layers as torch makes it."""
        words: list[tuple[str, Any]] = [("num_layers", self.layers)]
        if self.final_norm:
            words.append(("norm", Call("nn.LayerNorm", (width,), (("eps", self.eps), ("bias", self.bias)))))
        return Call(f"nn.{name}", (layer,), (*words, *more.items()), layer.text)

    def in_all(self, steps: int, width: int, layer: HeldInside) -> HeldInside:
        last = steps * width if self.final_norm else 0
        return HeldInside(self.layers * layer.kept + last, layer.passing)

    def whole(self, terms: str, width: int) -> str:
        """Parameters of the stack, by those of one layer."""
        last = f" + {2 if self.bias else 1} × {width}" if self.final_norm else ""
        return f"{self.layers} × ({terms}){last}"

    def summary(self) -> str:
        return f"{counted(self.layers, 'layer')}, {counted(self.heads, 'head')}"


@settings
class Encoding(Transforming):
    """What encoders share: one sequence, looking at itself."""

    causal: bool = param(False, doc="No step sees a later one, as for predicting the next word")
    x = port("N T F", doc="a sequence of rows")
    mask = port("N T", doc=PADDING, dtype="any", optional=True)

    def object(self, x: Incoming, mask: Incoming | None = None) -> Iterator[Objection]:
        yield from heads_objection(x.F, self.heads)
        yield from mask_objection(x.T, mask)

    def lines(self, mask: Incoming | None) -> tuple[str, ...]:
        """How it is run."""
        lines, words = [], ["{x}"]
        if self.causal:
            lines.append(CAUSAL)
            words += ["mask={later}" if isinstance(self, Stacked) else "src_mask={later}", "is_causal=True"]
        if mask is not None:
            lines.append(hiding("mask"))
            words.append("src_key_padding_mask={hidden}")
        if self.causal and mask is not None:
            lines += as_numbers("{x}", "{later}", "{hidden}")
        return (*lines, f"{{out}} = {{m}}({', '.join(words)})")

    def encoder_layer(self, width: int, mask: Incoming | None) -> Call:
        """One layer: PyTorch's own, unless masks may hide all from a step."""
        if self.causal and mask is not None:
            return self.layer("MaskedEncoderLayer", width, MASKED_ENCODER_LAYER)
        return self.layer("TransformerEncoderLayer", width)

    def cost(self, x: Incoming) -> int:
        """Multiply-adds of one layer."""
        return int(x.T * (4 * x.F**2 + 2 * x.F * self.feedforward) + 2 * x.T**2 * x.F)

    def holds_inside(
        self, inputs: tuple[Incoming, Incoming | None], outputs: tuple[Shape, ...]
    ) -> HeldInside:
        x, mask = inputs
        twice = self.causal and mask is not None
        looking = inside_attention((x.T, x.F), None, None, self.heads, self.dropout > 0, twice)
        return self.in_all(x.T, x.F, self.inside_layer(x.T, x.F, looking))

    def terms(self, x: Incoming) -> str:
        """Parameters of one layer."""
        f, h = x.F, self.feedforward
        bias = f" + 4 × {f} + {h} + {f} + 2 × {f}" if self.bias else ""
        return f"4 × {f} × {f} + 2 × {f} × {h} + 2 × {f}{bias}"


@declare(
    hint="attention and MLP",
    stem="encoder",
    search="transformer encoder layer attention feedforward block bert vit gpt",
)
class TransformerEncoderLayer(Encoding):
    """Self-attention and a small network of two Linear layers, each with skip and normalisation.

    The block that BERT, GPT and vision Transformers are made of.

    Formula: h = norm(x + attention(x)), y = norm(h + W₂·activation(W₁·h + b₁) + b₂); with norm_first h = x +
    attention(norm(x)), and y alike

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    def torch(self, x: Incoming, mask: Incoming | None = None) -> Code:
        return Code(self.lines(mask), self.encoder_layer(x.F, mask))

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return self.cost(inputs[0])

    def count(self, x: Incoming, mask: Incoming | None = None) -> str:
        return self.terms(x)


@declare(
    hint="stack, of layers",
    stem="encoder",
    search="transformer encoder stack layers attention feedforward bert vit gpt",
)
class TransformerEncoder(Stacked, Encoding):
    """Several encoder layers on each other.

    The whole body of a text or picture classifier; with causal attention, of a language model.

    Formula: y = norm(layerₙ(… layer₁(x) …)); n = layers, norm only with final_norm

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    def torch(self, x: Incoming, mask: Incoming | None = None) -> Code:
        # nested tensors would make other sizes of a padded batch, and torch warns where it cannot use them
        stack = self.stack(
            "TransformerEncoder", x.F, self.encoder_layer(x.F, mask), enable_nested_tensor=False
        )
        return Code(self.lines(mask), stack)

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return self.layers * self.cost(inputs[0])

    def count(self, x: Incoming, mask: Incoming | None = None) -> str:
        return self.whole(self.terms(x), x.F)


@settings
class Decoding(Transforming):
    """What decoders share: one sequence that looks at itself and at another."""

    causal: bool = param(True, doc="No step sees a later one, as for predicting the next word")
    x = port("N T F", doc="the sequence that is made")
    memory = port("N S F", doc="what the encoder gave")
    mask = port("N T", doc=PADDING, dtype="any", optional=True)
    memory_mask = port(
        "N S", doc="zero at steps of the memory that are only padding", dtype="any", optional=True
    )

    def object(
        self, x: Incoming, memory: Incoming, mask: Incoming | None = None, memory_mask: Incoming | None = None
    ) -> Iterator[Objection]:
        if x.F != memory.F:
            yield MEMORY_WIDTH(expected=x.F, received=memory.F)
        yield from heads_objection(x.F, self.heads)
        yield from mask_objection(x.T, mask)
        yield from mask_objection(memory.S, memory_mask)

    def lines(self, mask: Incoming | None, memory_mask: Incoming | None) -> tuple[str, ...]:
        """How it is run."""
        lines, words = [], ["{x}, {memory}"]
        if self.causal:
            lines.append(CAUSAL)
            words += ["tgt_mask={later}", "tgt_is_causal=True"]
        if mask is not None:
            lines.append(hiding("mask"))
            words.append("tgt_key_padding_mask={hidden}")
        if self.causal and mask is not None:
            lines += as_numbers("{x}", "{later}", "{hidden}")
        if memory_mask is not None:
            lines.append(hiding("memory_mask", "hidden_memory"))
            words.append("memory_key_padding_mask={hidden_memory}")
        return (*lines, f"{{out}} = {{m}}({', '.join(words)})")

    def cost(self, x: Incoming, memory: Incoming) -> int:
        """Multiply-adds of one layer."""
        looking = x.T * 4 * x.F**2 + 2 * x.T**2 * x.F
        crossing = 2 * x.T * x.F**2 + 2 * memory.S * x.F**2 + 2 * x.T * memory.S * x.F
        return int(looking + crossing + 2 * x.T * x.F * self.feedforward)

    def holds_inside(
        self, inputs: tuple[Incoming, Incoming, Incoming | None, Incoming | None], outputs: tuple[Shape, ...]
    ) -> HeldInside:
        x, memory, mask, _ = inputs
        twice, dropped, queries = self.causal and mask is not None, self.dropout > 0, (x.T, x.F)
        looking = inside_attention(queries, None, None, self.heads, dropped, twice)
        crossing = inside_attention(queries, (memory.S, x.F), None, self.heads, dropped, False)
        return self.in_all(x.T, x.F, self.inside_layer(x.T, x.F, looking, crossing))

    def terms(self, x: Incoming) -> str:
        """Parameters of one layer."""
        f, h = x.F, self.feedforward
        bias = f" + 8 × {f} + {h} + {f} + 3 × {f}" if self.bias else ""
        return f"8 × {f} × {f} + 2 × {f} × {h} + 3 × {f}{bias}"


@declare(
    hint="looks at two",
    stem="decoder",
    search="transformer decoder layer attention cross feedforward translation",
)
class TransformerDecoderLayer(Decoding):
    """Self-attention, attention to another sequence and a small network, each with skip and normalisation.

    For translation and other tasks that make one sequence from another.

    Formula: g = norm(x + attention(x)), h = norm(g + attention(g, memory)), y = norm(h + W₂·activation(W₁·h +
    b₁) + b₂); norm_first as in the encoder

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    def torch(
        self, x: Incoming, memory: Incoming, mask: Incoming | None = None, memory_mask: Incoming | None = None
    ) -> Code:
        return Code(self.lines(mask, memory_mask), self.layer("TransformerDecoderLayer", x.F))

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return self.cost(*inputs[:2])

    def count(
        self, x: Incoming, memory: Incoming, mask: Incoming | None = None, memory_mask: Incoming | None = None
    ) -> str:
        return self.terms(x)


@declare(
    hint="stack, of layers",
    stem="decoder",
    search="transformer decoder stack layers attention cross translation",
)
class TransformerDecoder(Stacked, Decoding):
    """Several decoder layers on each other.

    The second half of a translator; the first is an encoder.

    Formula: y = norm(layerₙ(… layer₁(x, memory) …, memory)); n = layers, norm only with final_norm

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    def torch(
        self, x: Incoming, memory: Incoming, mask: Incoming | None = None, memory_mask: Incoming | None = None
    ) -> Code:
        layer = self.layer("TransformerDecoderLayer", x.F)
        return Code(self.lines(mask, memory_mask), self.stack("TransformerDecoder", x.F, layer))

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return self.layers * self.cost(*inputs[:2])

    def count(
        self, x: Incoming, memory: Incoming, mask: Incoming | None = None, memory_mask: Incoming | None = None
    ) -> str:
        return self.whole(self.terms(x), x.F)
