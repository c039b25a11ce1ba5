"""A layer as the one line of PyTorch that tells it, for tips and the search."""

from __future__ import annotations

from string import ascii_lowercase

from engine.kinds import Layer
from engine.kinds.code import Code


def code_line(kind: Layer, code: Code) -> str:
    """How a layer's module is made, `nn.AvgPool2d(2)`, or what is computed without one, `y = a + b`. Empty
    where that takes more than a line.
    """
    if code.make is not None:
        return code.make.source()
    names: dict[str, object] = {
        port.name: list(ascii_lowercase) if port.many else port.name for port in kind.ports()
    }
    names |= dict.fromkeys(kind.outputs, "y")
    return code.lines[0].format_map(_OwnNames(names)) if len(code.lines) == 1 else ""


class _OwnNames(dict[str, object]):
    """What has no value is called by its own name."""

    def __missing__(self, name: str) -> str:
        return name
