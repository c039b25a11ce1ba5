"""Famous Transformers, out of blocks that a learner can open: attention, two Linear layers, skips."""

from __future__ import annotations

from engine.data.sets.invented import ROW, RandomPictures, RandomSequences, RandomWords
from engine.kinds import Layer
from engine.layers.activation import GELU, ReLU, Tanh
from engine.layers.attention import Embedding, MultiheadAttention
from engine.layers.combine import Add, Concatenate
from engine.layers.convolution import Conv2d
from engine.layers.cutting import Select
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.initialisations import Normal
from engine.layers.input_output import Input, Output
from engine.layers.positions import LearnedPositions
from engine.layers.rearrange import Transpose
from engine.layers.reshape import Flatten
from engine.layers.sample_norm import LayerNorm
from engine.layers.tensors import LearnedTensor
from engine.losses.regression import MeanSquaredError
from engine.optim.optimisers import AdamW
from engine.project.blocks import Block
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch, block
from engine.templates.convolutional import FEW, PICTURE
from engine.templates.declared import Template

ONE = Recipe(optimiser=AdamW(rate=1e-4), epochs=1, batch_size=2)


def pre_norm(
    name: str,
    width: int,
    heads: int,
    dropout: float = 0.1,
    eps: float = 1e-5,
    causal: bool = False,
    act: Layer | None = None,
) -> Block:
    """Attention and two Linear layers, each normalised before and added to what came in."""

    def draw(inner: Sketch, x: str) -> str:
        looked = MultiheadAttention(heads=heads, causal=causal, dropout=dropout)
        y = inner.chain(x, LayerNorm(eps=eps), looked, Dropout(rate=dropout))
        x = inner.add(Add(), x, y)
        y = _feedforward(inner, inner.add(LayerNorm(eps=eps), x), 4 * width, width, act or GELU(), dropout)
        return inner.add(Add(), x, y)

    return block(name, draw)


def _feedforward(inner: Sketch, x: str, hidden: int, width: int, act: Layer, dropout: float) -> str:
    x = inner.chain(x, Linear(out_features=hidden), act)
    return inner.chain(x, Linear(out_features=width), Dropout(rate=dropout))


def _after(inner: Sketch, x: str, y: str, eps: float) -> str:
    """Added to what came in, and then normalised."""
    return inner.add(LayerNorm(eps=eps), inner.add(Add(), x, y))


def post_norm(
    name: str, width: int, heads: int, act: Layer, dropout: float = 0.1, eps: float = 1e-5
) -> Block:
    """Attention and two Linear layers, each added to what came in and normalised after.

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    def draw(inner: Sketch, x: str) -> str:
        y = inner.chain(x, MultiheadAttention(heads=heads, dropout=dropout), Dropout(rate=dropout))
        x = _after(inner, x, y, eps)
        return _after(inner, x, _feedforward(inner, x, 4 * width, width, act, dropout), eps)

    return block(name, draw)


def _decoder(width: int, heads: int, dropout: float = 0.1) -> Block:
    """As `post_norm`, with a look at another sequence in between; no step sees a later one."""

    def draw(inner: Sketch, x: str, memory: str) -> str:
        own = MultiheadAttention(heads=heads, causal=True, dropout=dropout)
        x = _after(inner, x, inner.chain(x, own, Dropout(rate=dropout)), 1e-5)
        y = inner.add(MultiheadAttention(heads=heads, dropout=dropout), x, memory)
        x = _after(inner, x, inner.add(Dropout(rate=dropout), y), 1e-5)
        return _after(inner, x, _feedforward(inner, x, 4 * width, width, ReLU(), dropout), 1e-5)

    return block("Decoder block", draw, ("x", "memory"))


def _vit(sketch: Sketch) -> None:
    x = patches(sketch, sketch.add(Input()), 16, 768)
    x = sketch.repeat(pre_norm("Encoder block", 768, 12, dropout=0.0, eps=1e-6), x, times=12)
    x = sketch.chain(x, LayerNorm(eps=1e-6), Select(), Linear(out_features=1000))
    sketch.add(Output(), x)


def patches(sketch: Sketch, x: str, size: int, width: int) -> str:
    """A picture as a sequence of patches, with a learned class token before them, and positions.

    Source: Dosovitskiy et al. 2020, "An image is worth 16×16 words".
    """
    token = sketch.add(LearnedTensor(sizes=(1, width)), x, name="class token")
    x = sketch.chain(
        x, Conv2d(out_channels=width, kernel_size=size, stride=size), Flatten(start=2), Transpose()
    )
    return sketch.add(LearnedPositions(), sketch.add(Concatenate(), token, x))


def _transformer(sketch: Sketch) -> None:
    memory = sketch.add(Input(column="read"), name="read")
    memory = sketch.repeat(post_norm("Encoder block", 512, 8, ReLU()), memory, times=6)
    memory = sketch.add(LayerNorm(), memory)
    x = sketch.add(Input(column="made"), name="made")
    x = sketch.repeat(_decoder(512, 8), x, memory, times=6)
    sketch.chain(x, LayerNorm(), Output(loss=MeanSquaredError()))


def _bert(sketch: Sketch) -> None:
    words = sketch.add(Input(column="words"), name="words")
    sentence = sketch.add(Input(column="sentence"), name="sentence")
    words = sketch.add(Embedding(entries=30_522, width=768), words)
    sentence = sketch.add(Embedding(entries=2, width=768), sentence, name="segments")
    x = sketch.add(LearnedPositions(), sketch.add(Add(), words, sentence))
    x = sketch.chain(x, LayerNorm(eps=1e-12), Dropout(rate=0.1))
    x = sketch.repeat(post_norm("Encoder block", 768, 12, GELU(), eps=1e-12), x, times=12)
    x = sketch.chain(x, Select(), Linear(out_features=768), Tanh())
    sketch.add(Output(loss=MeanSquaredError()), x)


def _gpt2(sketch: Sketch) -> None:
    x = sketch.add(Input(column="words"))
    narrow = Normal(std=0.02)  # the head has the same weights, and scores shall begin small
    words = sketch.add(Embedding(entries=50_257, width=768, initialisation=narrow), x)
    x = sketch.chain(words, LearnedPositions(), Dropout(rate=0.1))
    body = pre_norm("Decoder block", 768, 12, causal=True, act=GELU(approximate="tanh"))
    x = sketch.add(LayerNorm(), sketch.repeat(body, x, times=12))
    head = sketch.add(Linear(out_features=50_257, bias=False), x, name="head")
    sketch.share(head, words)
    sketch.chain(head, Transpose(), Output(metrics=("accuracy",)))


TEMPLATES = (
    Template(
        "transformer",
        "Transformer",
        "Six blocks read, six write, 512 wide.",
        "sequences 128×512",
        _transformer,
        RandomSequences(),
        Recipe(optimiser=AdamW(rate=1e-4), epochs=1, batch_size=4),
        year=2017,
    ),
    Template(
        "bert-base",
        "BERT base, uncased",
        "Reads text both ways; with its pooler.",
        "512 words",
        _bert,
        RandomWords(target=ROW, samples=16),
        ONE,
        year=2018,
    ),
    Template(
        "gpt-2",
        "GPT-2 small",
        "Says the next word; head is embedding.",
        "1,024 words",
        _gpt2,
        RandomWords(length=1024, words=50_257, samples=16),
        Recipe(optimiser=AdamW(rate=1e-4), epochs=1, batch_size=1),
        year=2019,
    ),
    Template(
        "vit-b-16",
        "ViT-B/16",
        "Patches of a picture, read like words.",
        PICTURE,
        _vit,
        RandomPictures(),
        FEW,
        year=2020,
    ),
)
