"""A layer in code: the call that makes its module, and the lines that run it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, Protocol

from attrs import frozen

NAMESPACES = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional"}
"""The modules that a target may begin with, by what code calls them: imported when one is asked for. Who has
modules of the engine's own to offer adds them here.
"""


class Maker(Protocol):
    """How a layer's module is made: by a call, or from the class that is written for a block."""

    def source(self) -> str:
        """How it is written."""


@frozen
class Name:
    """An argument of the class around it, where it stands in place of a value."""

    text: str


@frozen(cache_hash=True)
class Call:
    """A call as an engineer would write it: `nn.Conv2d(1, 32, 3, padding=1)`. Arguments equal to the default
    stay out.
    """

    target: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()
    text: str = ""
    """The classes that a plug-in brings; the target is one of them, or PyTorch's."""

    def source(self) -> str:
        """The call as source text. Every value goes through `repr`, so no value can become code."""
        return _source(self)

    def make(self) -> Any:
        """Make the call now. The caller chooses the device by `with torch.device(…)`."""
        args = [_made(arg) for arg in self.args]
        return resolve(self.target, self.text)(*args, **{name: _made(value) for name, value in self.kwargs})


@frozen(cache_hash=True)
class Code:
    """A layer in code: the module it keeps, if any, and the lines that run it.

    In the lines `{m}` stands for the module, the names of ports and outputs for the values, any other name in
    braces for a variable of the layer's own. `set_up` are lines that finish the module once it is made, and
    may call what `texts` of plug-ins define. `penalties` are expressions that are added to the loss while
    training. A module that is `held` stays in evaluation mode while the rest trains.
    """

    lines: tuple[str, ...]
    make: Maker | None = None
    set_up: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    penalties: tuple[str, ...] = ()
    held: bool = False

    def module(self) -> Any:
        """The module of a single layer, made and set up now, or None where the layer needs none."""
        if self.make is None:
            return None
        assert isinstance(self.make, Call), "the module of a block is made where its class is written"
        made = self.make.make()
        if self.set_up:
            _finisher(self.set_up, self.texts)(made)
        return made

    def reads_before(self, output: str, inputs: Iterable[str]) -> bool:
        """Whether every input is read before that output is set, so that one variable may hold both."""
        named = [set(_PLACEHOLDER.findall(line)) for line in self.lines]
        first = next((place for place, names in enumerate(named) if output in names), 0)
        last = max((place for place, names in enumerate(named) if not names.isdisjoint(inputs)), default=-1)
        return last < first or (last == first and not self.lines[first].startswith(" "))


_PLACEHOLDER = re.compile(r"\{(\w+)")


@lru_cache(maxsize=1000)  # what is given differs with every setting: kept for ever it would only grow
def _finisher(lines: tuple[str, ...], texts: tuple[str, ...]) -> Callable[[Any], None]:
    """Lines that finish a module as a function of it."""
    from torch import nn

    body = "\n".join(f"    {line.replace('{m}', 'made')}" for line in lines)
    space: dict[str, Any] = {"nn": nn}
    for text in texts:
        space |= definitions(text)
    exec(f"def finish(made):\n{body}", space)  # the lines are a kind's own; settings are literals in them
    finish: Callable[[Any], None] = space["finish"]
    return finish


def module(target: str, *args: Any, line: str | tuple[str, ...] = "{out} = {m}({x})", **kwargs: Any) -> Code:
    """A layer that is a module: how it is made and how it is called."""
    return Code((line,) if isinstance(line, str) else line, Call(target, args, tuple(kwargs.items())))


def expression(text: str) -> Code:
    """A layer that needs no module: an expression over its inputs."""
    return Code(("{out} = " + text,))


def on_tensor(target: str, first: str, **options: Any) -> str:
    """A call whose first argument is an expression: `nn.init.normal_(self.conv1.weight, std=0.02)`."""
    return f"{target}({', '.join([first, *_options(resolve(target), options.items())])})"


def _made(value: Any) -> Any:
    return value.make() if isinstance(value, Call) else value


@lru_cache(maxsize=20_000)  # as above
def _source(call: Call) -> str:
    words = [literal(arg) for arg in call.args]
    made = resolve(call.target, call.text)
    return f"{call.target}({', '.join([*words, *_options(made, call.kwargs)])})"


def _options(made: Any, options: Iterable[tuple[str, Any]]) -> list[str]:
    usual = defaults(made)
    return [
        f"{name}={literal(value)}"
        for name, value in options
        if name not in usual or not _same(usual[name], value)
    ]


def literal(value: Any) -> str:
    """A value as Python source. A call within a call is written out."""
    if isinstance(value, Call):
        return value.source()
    if isinstance(value, Name):
        return value.text
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, bool | int | float) or value is None:
        return repr(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + ("," if len(value) == 1 else "") + ")"
    raise TypeError(f"no literal for {type(value).__name__}")


def _same(one: Any, two: Any) -> bool:
    return isinstance(one, bool) is isinstance(two, bool) and bool(one == two)


@cache
def resolve(target: str, text: str = "") -> Any:
    """What a target names: something of PyTorch's, of the engine's, or of the classes in a text."""
    first, *rest = target.split(".")
    defined = definitions(text) if text else {}
    value = defined[first] if first in defined else import_module(NAMESPACES[first])
    for name in rest:
        value = getattr(value, name)
    return value


@cache
def definitions(text: str) -> dict[str, Any]:
    """What the text of a plug-in's classes defines, once it is run."""
    import linecache

    import torch
    from torch import nn

    name = f"<classes {hash(text):x}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"__name__": "classes", "torch": torch, "nn": nn, "F": nn.functional}
    exec(compile(text, name, "exec"), space)  # a plug-in's own text; no project can bring one
    return space


@cache
def defaults(made: Any) -> dict[str, Any]:
    """The arguments that may stay out, by name, with what they are then."""
    # a recurrent module takes (*args, **kwargs) and leaves the names to the class it extends
    makers = [made]
    if isinstance(made, type):
        makers = [vars(base)["__init__"] for base in made.__mro__[:-1] if "__init__" in vars(base)]
    usual: dict[str, Any] = {}
    for maker in makers:
        try:
            parameters = inspect.signature(maker).parameters.values()
        except ValueError:  # a builtin without a signature: every argument is written
            return usual
        for parameter in parameters:
            if parameter.default is not parameter.empty:
                usual.setdefault(parameter.name, parameter.default)
        if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
            return usual
    return usual
