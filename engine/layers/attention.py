"""Layers that look things up: rows of a table by number, or other steps of a sequence by likeness."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import declare, param, settings, types
from engine.kinds.code import Code, module
from engine.kinds.layer import HeldInside
from engine.kinds.objections import HEADS_DO_NOT_DIVIDE, UNEQUAL_STEPS, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.weighted import Weighted
from engine.layers.windows import nearest_divisors
from engine.message import Message, counted

MASK_STEPS = UNEQUAL_STEPS.worded(
    expected="a mask of {steps} step{steps:|s}",
    why="It has {received}, and each says whether one step counts.",
)
ENTRY_MISSING = ObjectionKind(
    "entry-missing",
    expected="a padding number below {entries}",
    why="The table has rows 0 to {last}.",
)
KEY_MISSING = ObjectionKind(
    "key-missing",
    expected="a wire at key as well",
    why="A value is found by its key, and there is none for it.",
    by_hand="Any wire could be the key; which one is meant, a person must say.",
)


def heads_objection(width: int, heads: int) -> Iterator[Objection]:
    """Heads that cannot share the width evenly, with the nearest that can."""
    if width % heads:
        fitting = tuple(nearest_divisors(width, heads))
        yield HEADS_DO_NOT_DIVIDE(heads=heads, width=width, settings=tuple(("heads", n) for n in fitting))


PADDING = "zero at steps that are only padding and not looked at"


def later_steps(query: str, key: str) -> str:
    """The expression for what hides later steps, T×S: true where a step of the query would see one."""
    return f"torch.ones({query}.shape[1], {key}.shape[1], dtype=torch.bool, device={query}.device).triu(1)"


def hiding(mask: str, hidden: str = "hidden") -> str:
    """The line that says which steps a mask hides, as attention in PyTorch takes it. A sample that is all
    padding hides none: outside of training PyTorch's attention to nothing is not a number.
    """
    return f"{{{hidden}}} = ({{{mask}}} == 0) & ({{{mask}}} != 0).any(1, keepdim=True)"


def as_numbers(like: str, *hidden: str) -> Iterator[str]:
    """The lines that turn what hides steps into numbers that are added to the scores.

    Together a mask and the order of steps may hide all of them from one, as where a sample begins with
    padding: it gathers nothing, and zeros go on. In use PyTorch goes a faster way where it is told yes or no,
    and comes to no number there; told numbers, it goes the way of training.
    """
    for name in hidden:
        yield f'{name} = torch.where({name}, float("-inf"), 0.0).to({like}.dtype)'


def mask_objection(steps: int, mask: Incoming | None) -> Iterator[Objection]:
    """A mask that has not one number for each step."""
    if mask is not None and mask.last != steps:
        yield MASK_STEPS(steps=steps, received=mask.last)


def inside_attention(
    queries: tuple[int, int],
    keys: tuple[int, int] | None,
    values: int | None,
    heads: int,
    dropped: bool,
    masked_twice: bool,
) -> HeldInside:
    """What `nn.MultiheadAttention` holds of one sample: `queries` and `keys` are steps and width, `values`
    the width of values that are not the keys, None where there are none of their own. Measured with PyTorch
    2.13.

    It keeps copies of what arrives with the steps before the samples, Q, K and V, and what was gathered
    before the last linear map. Dropout goes another way: T×S scores of each head are kept after the softmax,
    after the dropout, and as its mask, and Q and K once more where they lie in one piece with V. Two masks
    added up are a number for each score. The gradients of Q, K and V are made and twice joined to those of
    one piece.
    """
    steps, width = queries
    others, depth = keys or queries
    own = keys is None and values is None
    one_piece = values is None and depth == width
    copies = steps * width
    if not own:
        copies += others * (depth if one_piece else depth + (depth if values is None else values))
    projected = (steps + 2 * others) * width
    kept = copies + projected + steps * width
    scores = heads * steps * others
    if dropped:
        kept += 3 * scores
        if one_piece:
            kept += (steps * own + others) * width
    elif masked_twice:
        kept += scores
    return HeldInside(kept, max(8 * projected // 3, scores if dropped else 0))


@settings
class Table(Weighted):
    """What layers share that look up rows of a table by whole numbers."""

    entries: int = param(
        1000, lo=1, hi=1_000_000_000, doc="How many different numbers there are; they run from 0 to one less"
    )
    width: int = param(64, lo=1, hi=1_000_000, doc="How many numbers stand for each of them")
    padding_idx: int | None = param(
        None,
        type=types.Integer(lo=0, optional=True),
        doc="The number that stands for nothing; its row is not learned",
        advanced=True,
    )
    max_norm: float | None = param(
        None,
        type=types.Number(lo=0, above=True, optional=True),
        doc="How long a row may be; one that is longer is shortened where it is looked up",
        advanced=True,
    )

    def summary(self) -> str:
        return f"{counted(self.entries, 'entry', 'entries')}, {self.width:,} wide"

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.padding_idx is not None and self.padding_idx >= self.entries:
            yield ENTRY_MISSING(
                entries=self.entries,
                last=self.entries - 1,
                settings=(("padding_idx", None), ("entries", self.padding_idx + 1)),
            )

    def filled(self) -> Iterator[str]:
        lines = list(super().filled())
        yield from lines
        if lines and self.padding_idx is not None:
            yield f"nn.init.zeros_({{m}}.weight[{self.padding_idx}])"

    def count(self, x: Incoming) -> str:
        return f"{self.entries} × {self.width}"


@declare(
    family="attention",
    icon="embedding",
    hint="to vectors, by number",
    search="embedding lookup table word token category vector dictionary",
)
class Embedding(Table):
    """Looks up a learned row of numbers for each whole number that arrives.

    The first layer for words, tokens and categories.

    Formula: y[n, …] = W[x[n, …]]; W has entries rows of width numbers

    Source: Bengio et al. 2003, "A neural probabilistic language model".
    """

    x = port("N *", doc="whole numbers", dtype="int")

    def torch(self, x: Incoming) -> Code:
        return module(
            "nn.Embedding",
            self.entries,
            self.width,
            padding_idx=self.padding_idx,
            max_norm=self.max_norm,
        )

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Each whole number from 0 to {last} becomes its own row of {width} learned numbers.",
            last=f"{self.entries - 1:,}",
            width=f"{self.width:,}",
        )


@declare(
    family="attention",
    hint="looks around",
    stem="attention",
    search="attention self cross transformer query key value heads look focus mha",
)
class MultiheadAttention(Weighted):
    """Every step gathers from all steps what suits it, weighted by likeness of query and key, in several
    heads.

    The heart of Transformers. With one wire it is self-attention; key and value from elsewhere make it
    cross-attention.

    Formula: y = [head₁, head₂, …]·Wₒ + b, head = softmax(Q·Kᵀ / √d)·V; Q, K, V are linear in query, key,
    value; d = F / heads, query of width F

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    holds = "many"
    backward_needs = "nothing"  # it keeps copies
    heads: int = param(4, lo=1, hi=1024, doc="Parts the width is split into, each with a look of its own")
    causal: bool = param(False, doc="No step sees a later one, as for predicting the next word")
    dropout: float = param(0.0, lo=0, hi=1, doc="Probability that a weight is dropped", advanced=True)
    bias: bool = param(True, doc="Add learned numbers to queries, keys and values", advanced=True)
    query = port("N T F", doc="the steps that look")
    key = port("N S E", doc="the steps that are looked at; free: the query itself", optional=True)
    value = port("N S E", doc="what is gathered from them; free: the keys", optional=True)
    mask = port("N S", doc=PADDING, dtype="any", optional=True)

    def summary(self) -> str:
        return counted(self.heads, "head") + (", causal" if self.causal else "")

    def object(
        self,
        query: Incoming,
        key: Incoming | None = None,
        value: Incoming | None = None,
        mask: Incoming | None = None,
    ) -> Iterator[Objection]:
        yield from heads_objection(query.F, self.heads)
        if value is not None and key is None:
            yield KEY_MISSING()
        elif key is not None and value is not None and key.S != value.S:
            yield UNEQUAL_STEPS(steps=key.S, received=value.S)
        yield from mask_objection(query.T if key is None else key.S, mask)

    def torch(
        self,
        query: Incoming,
        key: Incoming | None = None,
        value: Incoming | None = None,
        mask: Incoming | None = None,
    ) -> Code:
        keys = "{query}" if key is None else "{key}"
        values = keys if value is None else "{value}"
        words = [f"{{query}}, {keys}, {values}"]
        lines = []
        if self.causal:
            lines.append("{later} = " + later_steps("{query}", keys))
            words.append("attn_mask={later}")
        if mask is not None:
            lines.append(hiding("mask"))
            words.append("key_padding_mask={hidden}")
        if self.causal and mask is not None:
            lines += as_numbers("{query}", "{later}", "{hidden}")
        lines.append(f"{{out}}, _ = {{m}}({', '.join(words)}, need_weights=False)")
        other = query.F if key is None else key.E
        return module(
            "nn.MultiheadAttention",
            query.F,
            self.heads,
            line=tuple(lines),
            dropout=self.dropout,
            bias=self.bias,
            kdim=None if other == query.F else other,
            vdim=self._width(query.F, other, value),
            batch_first=True,
        )

    @staticmethod
    def _width(query: int, key: int, value: Incoming | None) -> int | None:
        width = key if value is None else value.E
        return None if width == query else width

    def macs(
        self,
        inputs: tuple[Incoming, Incoming | None, Incoming | None, Incoming | None],
        outputs: tuple[Shape, ...],
    ) -> int:
        query, key, value, _ = inputs
        width, steps = query.F, query.T
        others, depth = (steps, width) if key is None else (key.S, key.E)
        deep = depth if value is None else value.E
        project = steps * width * width * 2 + others * depth * width + others * deep * width
        return int(project + 2 * steps * others * width)

    def holds_inside(
        self,
        inputs: tuple[Incoming, Incoming | None, Incoming | None, Incoming | None],
        outputs: tuple[Shape, ...],
    ) -> HeldInside:
        query, key, value, mask = inputs
        return inside_attention(
            (query.T, query.F),
            None if key is None else (key.S, key.E),
            None if value is None else value.E,
            self.heads,
            self.dropout > 0,
            self.causal and mask is not None,
        )

    def explain(
        self,
        query: Incoming,
        key: Incoming | None = None,
        value: Incoming | None = None,
        mask: Incoming | None = None,
    ) -> Message:
        return Message(
            "Each of {steps} steps gathers from {others} what suits it, in {heads} head{heads:|s} of "
            "{width} number{width:|s}.",
            steps=f"{query.T:,}",
            others=f"{(query.T if key is None else key.S):,}",
            heads=self.heads,
            width=query.F // self.heads,
        )

    def sizing(
        self,
        query: Incoming,
        key: Incoming | None = None,
        value: Incoming | None = None,
        mask: Incoming | None = None,
    ) -> str:
        return f"d = {query.F} / {self.heads} = {query.F // self.heads}"

    def count(
        self,
        query: Incoming,
        key: Incoming | None = None,
        value: Incoming | None = None,
        mask: Incoming | None = None,
    ) -> str:
        width = query.F
        depth = width if key is None else key.E
        deep = depth if value is None else value.E
        bias = f" + 4 × {width}" if self.bias else ""
        if depth == deep == width:
            return f"4 × {width} × {width}{bias}"
        return f"{width} × ({width} + {depth} + {deep} + {width}){bias}"


@declare(
    family="attention",
    icon="embedding",
    hint="a bag, to one vector",
    search="embedding bag lookup sum mean words text average table",
)
class EmbeddingBag(Table):
    """Looks up a learned row for each whole number that arrives and takes the mean or sum of all rows.

    For texts as bags of words, where order does not count.

    Formula: y[n] = mode of W[x[n, l]] over all l that are no padding; W has entries rows of width numbers

    Source: Joulin et al. 2016, "Bag of tricks for efficient text classification".
    """

    mode: str = param("mean", options=("mean", "sum", "max"), doc="How the rows become one")
    x = port("N L", doc="whole numbers", dtype="int")

    def torch(self, x: Incoming) -> Code:
        return module(
            "nn.EmbeddingBag",
            self.entries,
            self.width,
            max_norm=self.max_norm,
            mode=self.mode,
            padding_idx=self.padding_idx,
        )
