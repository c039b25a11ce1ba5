"""Networks that read sequences: a classifier, a translator with attention, and a language model."""

from __future__ import annotations

from engine.data.sets.invented import Backwards, RandomWords
from engine.data.sets.speech import JapaneseVowels
from engine.data.sets.texts import NEXT_LETTER, FirstNames
from engine.layers.activation import Tanh
from engine.layers.attention import Embedding, MultiheadAttention
from engine.layers.combine import Concatenate
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.rearrange import Transpose
from engine.layers.recurrent import EVERYTHING, GRU, LSTM, SEQUENCE
from engine.optim.optimisers import SGD, Adam, AdamW
from engine.optim.schedules import Cosine
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch
from engine.templates.declared import Template


def _bidirectional(sketch: Sketch) -> None:
    x = sketch.add(Input())
    x = sketch.add(LSTM(hidden_size=64, num_layers=2, bidirectional=True, dropout=0.3), x)
    sketch.chain(x, Dropout(rate=0.3), Linear(out_features=9), Output())


def _backwards(sketch: Sketch) -> None:
    read = sketch.add(Input(column="read"), name="read")
    written = sketch.add(Input(column="written"), name="written")
    read = sketch.add(Embedding(entries=10, width=32), read)
    encoder = sketch.add(GRU(hidden_size=64, give=EVERYTHING), read, name="encoder")
    written = sketch.add(Embedding(entries=11, width=32), written)
    decoder = sketch.add(GRU(hidden_size=64, give=SEQUENCE), written, (encoder, "state"), name="decoder")
    looked = sketch.add(MultiheadAttention(heads=1), decoder, (encoder, "out"))
    x = sketch.add(Concatenate(axis=2), decoder, looked)
    x = sketch.chain(x, Linear(out_features=64), Tanh(), Linear(out_features=10), Transpose())
    sketch.add(Output(), x)


def _language_model(sketch: Sketch) -> None:
    x = sketch.chain(sketch.add(Input(column="words")), Embedding(entries=10_000, width=650), Dropout())
    x = sketch.add(LSTM(hidden_size=650, num_layers=2, dropout=0.5, give=SEQUENCE), x)
    sketch.chain(x, Dropout(), Linear(out_features=10_000), Transpose(), Output(metrics=("accuracy",)))


def _names_writer(sketch: Sketch) -> None:
    letters = FirstNames(asked=NEXT_LETTER).schema().classes
    x = sketch.chain(sketch.add(Input()), Embedding(entries=len(letters), width=32))
    x = sketch.chain(
        x, GRU(hidden_size=128, give=SEQUENCE), Dropout(rate=0.2), Linear(out_features=len(letters))
    )
    sketch.chain(x, Transpose(), Output(metrics=("perplexity", "accuracy")))


TEMPLATES = (
    Template(
        "names-writer",
        "Names writer",
        "Makes up first names, letter by letter.",
        "names, 4,832",
        _names_writer,
        FirstNames(asked=NEXT_LETTER),
        Recipe(optimiser=AdamW(rate=3e-3), schedule=Cosine(), epochs=20, batch_size=64, patience=5),
        reached="perplexity 6.8",
    ),
    Template(
        "bidirectional-lstm",
        "Bidirectional LSTM",
        "Hears from both ends who is speaking.",
        "vowels, 9 speakers",
        _bidirectional,
        JapaneseVowels(),
        Recipe(optimiser=Adam(rate=3e-3), schedule=Cosine(), epochs=30, batch_size=32),
        reached="96.5 %",
        year=2005,
    ),
    Template(
        "seq2seq-attention",
        "Seq2seq with attention",
        "Reads digits and writes them backwards.",
        "8 digits",
        _backwards,
        Backwards(),
        Recipe(optimiser=Adam(rate=3e-3), schedule=Cosine(), epochs=30, batch_size=32),
        reached="98.5 %",
        year=2014,
    ),
    Template(
        "lstm-language-model",
        "LSTM language model",
        "Two layers, 650 wide, 10,000 words.",
        "35 words",
        _language_model,
        RandomWords(length=35, words=10_000),
        Recipe(optimiser=SGD(rate=1.0), epochs=1, batch_size=4, clip=5.0),
        year=2014,
    ),
)
