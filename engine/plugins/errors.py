"""Keeps a mistake in a plug-in's layer from stopping the program: what its methods raise becomes an objection
at its node, or an empty text.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from engine.kinds import Kind, Layer
from engine.kinds.objections import Objection, ObjectionKind
from engine.losses.loss import Loss
from engine.plugins import time_limit
from engine.plugins.time_limit import TooLong, limited

PLUGIN_FAILS = ObjectionKind(
    "plugin",
    expected="a plug-in that works",
    why="The plug-in {plugin} fails: {error}: {words}.",
    by_hand="The fault is in a person's own file.",
)
PLUGIN_FAILS_IN_LINE = PLUGIN_FAILS.worded(why="The plug-in {plugin} fails in line {line}: {error}: {words}.")


def guard(kind: type[Kind]) -> None:
    """Let the methods that are asked outside of a check give their usual answer where they raise."""
    if issubclass(kind, Layer):
        for name in ("summary", "sizing", "count"):
            _shield(kind, name, lambda layer, *_: "")
        _draw(kind)
        _shield(kind, "explain", lambda layer, *inputs: Layer.explain(layer, *inputs))
        _shield(kind, "ports", lambda layer, *_: layer.input_ports)
    elif issubclass(kind, Loss):
        for name in ("object", "among"):
            _listen(kind, name)


def _shield(kind: type[Layer], name: str, instead: Callable[..., Any]) -> None:
    method = getattr(kind, name)
    if getattr(Layer, name) is method or hasattr(method, "__wrapped__"):
        return

    @functools.wraps(method)
    def shielded(self: Layer, *inputs: Any, **named: Any) -> Any:
        usual = instead(self, *inputs)
        try:
            answer = method(self, *inputs, **named)
        except Exception:  # `layerloom plugins --check` shows it; the window goes on
            return usual
        return answer if isinstance(answer, type(usual)) else usual

    setattr(kind, name, shielded)


def _draw(kind: type[Layer]) -> None:
    method = kind.curve
    if Layer.curve is method or hasattr(method, "__wrapped__"):
        return

    @functools.wraps(method)
    def drawn(self: Layer, x: Any) -> Any:
        import numpy as np

        try:
            y = np.asarray(method(self, x), dtype=float)
        except Exception:
            return None
        return y if y.shape == x.shape and np.isfinite(y).all() else None

    setattr(kind, "curve", drawn)  # noqa: B010  (mypy takes an assignment for a mistake)


def _listen(kind: type[Loss], name: str) -> None:
    method = getattr(kind, name)
    if getattr(Loss, name) is method or hasattr(method, "__wrapped__"):
        return

    @functools.wraps(method)
    def listened(self: Loss, *inputs: Any) -> Iterator[Objection]:
        try:
            with limited(time_limit.CALLING):
                found = list(method(self, *inputs))
        except (Exception, TooLong) as error:
            found = [failed(self, error)]
        yield from found

    setattr(kind, name, listened)


def failed(kind: Kind, error: BaseException) -> Objection:
    """What is wrong where a plug-in's own code raised."""
    words = str(error).strip().split("\n")[0][:200] or "no reason given"
    line = _line(kind, error)
    declared = PLUGIN_FAILS_IN_LINE if line else PLUGIN_FAILS
    return declared(plugin=kind.plugin, error=type(error).__name__, words=words, line=line)


def _line(kind: Kind, error: BaseException) -> int:
    """The last line of the kind's file that an error went through; 0 where it went through none."""
    file = getattr(sys.modules.get(type(kind).__module__), "__file__", None)
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == file), 0)
