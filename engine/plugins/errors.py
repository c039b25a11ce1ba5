"""Keeps a mistake in a plug-in's kind from stopping the program: what its methods raise becomes an objection
at a node, an empty text, or a sentence with the plug-in's line.
"""

from __future__ import annotations

import functools
import math
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np

from engine.data.schema import Raw, Schema
from engine.data.source import Source
from engine.kinds import Kind, Layer
from engine.kinds.code import Call
from engine.kinds.declaring import role_of
from engine.kinds.objections import Objection, ObjectionKind
from engine.losses.loss import Loss
from engine.message import Trouble
from engine.metrics.metric import Metric
from engine.optim.optimiser import Optimiser, Schedule
from engine.plugins import time_limit
from engine.plugins.time_limit import TooLong, limited

PLUGIN_FAILS = ObjectionKind(
    "plugin",
    expected="a plug-in that works",
    why="The plug-in {plugin} fails: {error}: {words}.",
    by_hand="The fault is in a person's own file.",
)
PLUGIN_FAILS_IN_LINE = PLUGIN_FAILS.worded(why="The plug-in {plugin} fails in line {line}: {error}: {words}.")
PLUGIN_ENDLESS = PLUGIN_FAILS.worded(
    expected="a plug-in whose code comes to an end",
    received="one that was not done within {seconds:g} seconds",
    why="The plug-in {plugin} was not done within {seconds:g} seconds; perhaps a loop does not end.",
)
PLUGIN_ENDLESS_IN_LINE = PLUGIN_ENDLESS.worded(
    why="The plug-in {plugin} was not done in line {line} within {seconds:g} seconds; perhaps a loop does "
    "not end."
)


def guard(kind: type[Kind]) -> None:
    """Let the methods that are asked outside of a check give their usual answer where they raise."""
    if issubclass(kind, Layer):
        for name in ("summary", "sizing", "count"):
            _shield(kind, name, lambda layer, *_: "")
        _draw(kind)
        _shield(kind, "explain", lambda layer, *inputs: Layer.explain(layer, *inputs))
        _shield(kind, "ports", lambda layer, *_: layer.input_ports)
    elif issubclass(kind, Loss):
        _explain(kind, "torch", _call)
        _listen(kind, "object")
        _listen(kind, "among", lambda loss: loss.torch())
    elif issubclass(kind, Metric):
        _compute(kind)
    elif issubclass(kind, Optimiser):
        _explain(kind, "torch", _call)
    elif issubclass(kind, Schedule):
        _explain(kind, "factor", _factor)
    elif issubclass(kind, Source):
        _explain(kind, "schema", _schema, time_limit.CALLING)
        _explain(kind, "load", _raw)


def _shield(kind: type[Layer], name: str, instead: Callable[..., Any]) -> None:
    method = getattr(kind, name)
    if _harmless(kind, name):
        return

    @functools.wraps(method)
    def shielded(self: Layer, *inputs: Any, **named: Any) -> Any:
        usual = instead(self, *inputs)
        try:
            answer = method(self, *inputs, **named)
        except (Exception, SystemExit):  # `layerloom plugins --check` shows it; the window goes on
            return usual
        return answer if isinstance(answer, type(usual)) else usual

    setattr(kind, name, shielded)


def _harmless(kind: type[Kind], name: str) -> bool:
    """Whether a method is that of all its family, or guarded already."""
    method = getattr(kind, name)
    return getattr(role_of(kind), name) is method or hasattr(method, "__wrapped__")


def _draw(kind: type[Layer]) -> None:
    method = kind.curve
    if _harmless(kind, "curve"):
        return

    @functools.wraps(method)
    def drawn(self: Layer, x: Any) -> Any:
        try:
            y = np.asarray(method(self, x), dtype=float)
        except (Exception, SystemExit):
            return None
        return y if y.shape == x.shape and np.isfinite(y).all() else None

    setattr(kind, "curve", drawn)  # noqa: B010  (mypy takes an assignment for a mistake)


def _compute(kind: type[Metric]) -> None:
    method = kind.compute
    if _harmless(kind, "compute"):
        return

    @functools.wraps(method)
    def computed(self: Metric, *compared: Any) -> float | None:
        try:
            value = method(self, *compared)
            return None if value is None else float(value)
        except (Exception, SystemExit) as error:  # the run says that it was not measured, and why
            raise Trouble(failed(self, error).why) from error

    setattr(kind, "compute", computed)  # noqa: B010  (as above)


def _listen(kind: type[Loss], name: str, attempt: Callable[[Loss], object] = lambda loss: None) -> None:
    """Let what it raises, or the attempt, be among its objections."""
    method = getattr(kind, name)
    if hasattr(method, "__wrapped__"):
        return

    @functools.wraps(method)
    def listened(self: Loss, *inputs: Any) -> Iterator[Objection]:
        try:
            with limited(time_limit.CALLING):
                objections = list(method(self, *inputs))
        except (Exception, TooLong, SystemExit) as error:
            objections = [failed(self, error)]
        yield from objections
        try:
            attempt(self)
        except Trouble as trouble:
            yield PLUGIN_FAILS.worded(why="{trouble}")(trouble=trouble.message)

    setattr(kind, name, listened)


def _explain(kind: type[Kind], name: str, legal: Callable[[Any], str], seconds: float = 0) -> None:
    """Let what it raises, or gives that is not legal, be `Trouble` in a sentence with the plug-in's line."""
    method = getattr(kind, name)
    if _harmless(kind, name):
        return

    @functools.wraps(method)
    def explained(self: Kind, *given: Any) -> Any:
        try:
            with limited(seconds) if seconds else nullcontext():
                answer = method(self, *given)
            if wrong := legal(answer):
                raise TypeError(f"{name}() gives {wrong}")
        except Trouble:
            raise
        except (Exception, TooLong, SystemExit) as error:
            raise Trouble(failed(self, error).why) from error
        return answer

    setattr(kind, name, explained)


def _call(answer: object) -> str:
    return "" if isinstance(answer, Call) else f"{type(answer).__name__}, not Call(…)"


def _factor(answer: object) -> str:
    legal = isinstance(answer, int | float) and math.isfinite(answer)
    return "" if legal else f"{answer!r}, not a finite number"


def _schema(answer: object) -> str:
    if not isinstance(answer, Schema):
        return f"{type(answer).__name__}, not Schema(…)"
    lost = [name for name in (*answer.inputs, answer.target) if name not in answer.columns]
    return f"no column {lost[0]!r}, which it names" if lost else ""


def _raw(answer: object) -> str:
    if not isinstance(answer, Raw):
        return f"{type(answer).__name__}, not Raw(…)"
    for name, values in answer.columns.items():
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
            return f"something else than an array of numbers as {name!r}"
    return ""


def failed(kind: Kind, error: BaseException) -> Objection:
    """What is wrong where a plug-in's own code raised."""
    line = _line(kind, error)
    if isinstance(error, TooLong):
        endless = PLUGIN_ENDLESS_IN_LINE if line else PLUGIN_ENDLESS
        return endless(plugin=kind.plugin, seconds=time_limit.CALLING, line=line)
    words = str(error).strip().split("\n")[0][:200] or "no reason given"
    declared = PLUGIN_FAILS_IN_LINE if line else PLUGIN_FAILS
    return declared(plugin=kind.plugin, error=type(error).__name__, words=words, line=line)


def _line(kind: Kind, error: BaseException) -> int:
    """The last line of the kind's file that an error went through; 0 where it went through none."""
    file = getattr(sys.modules.get(type(kind).__module__), "__file__", None)
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == file), 0)
