"""What a network writes that foretells the next token: one after the other, drawn by what it says of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.data.columns.text import MARK
from engine.data.schema import Column
from engine.data.signs import PADDING, UNKNOWN
from engine.message import Trouble
from engine.training.predict import Predictor

LENGTH = 200
"""Tokens that are written at most unless somebody says otherwise."""


def writes(predictor: Predictor) -> Column | None:
    """The target that a network writes; None where it does not write."""
    columns = (predictor.prepared.schema.columns[name] for name in predictor.prepared.schema.targets)
    return next((one for one in columns if one.following in predictor.inputs), None)


def write_on(
    predictor: Predictor,
    begun: str = "",
    read: Mapping[str, np.ndarray] | None = None,
    length: int = LENGTH,
    temperature: float = 1.0,
    seed: int = 0,
    cancelled: Callable[[], bool] = lambda: False,
) -> str:
    """How a network goes on with a text that is begun, that text before it. Where it writes after reading,
    `read` holds one sample of its other inputs, in own units.

    Each token is drawn by the shares to the power of 1/`temperature`: with 0 it is the likeliest. It ends
    where the network says so, or after so many tokens, or at the end of what it can write after reading.
    Raises `Trouble` where the network does not write.
    """
    target = writes(predictor)
    signs = None if target is None else predictor.prepared.signs(target.following)
    if target is None or signs is None:
        raise Trouble(
            "This network does not write: expected one that was trained to foretell the next token of a "
            "text. Open a text file as data, or let what it says be a text."
        )
    chance, room = np.random.default_rng(seed), target.shape[0]
    others = {name: np.asarray(values)[None] for name, values in (read or {}).items()}
    tokens = signs.numbers(begun)
    for _ in range(length):
        if cancelled() or (others and len(tokens) >= room):
            break
        seen = np.full((1, room), PADDING, np.int64)
        last = tokens[-room:]
        seen[0, : len(last)] = last
        said = predictor.predict({**others, target.following: seen})
        shares = next(one.probabilities for one in said if one.target == target.name)
        assert shares is not None
        token = _drawn(shares[0, :, len(last) - 1], temperature, chance)
        if token == MARK:
            break
        tokens.append(token)
    return signs.decode(tokens)


def _drawn(shares: np.ndarray, temperature: float, chance: np.random.Generator) -> int:
    """A token by its share, classes. What fills up and what is unknown is not written."""
    weights = np.log(np.maximum(shares.astype(np.float64), 1e-300))
    weights[[PADDING, UNKNOWN]] = -np.inf
    if temperature <= 0:
        return int(weights.argmax())
    weights = (weights - weights.max()) / temperature
    spread = np.exp(weights)
    return int(chance.choice(len(spread), p=spread / spread.sum()))
