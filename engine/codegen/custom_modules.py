"""Modules that kinds bring as text, as PyTorch has none such: found, taken apart, put before the classes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache

from attrs import frozen

from engine.analysis.results import Found
from engine.analysis.walk import Assembly
from engine.kinds.code import Call
from engine.kinds.identifiers import CLASS_RESERVED
from engine.message import Illegal

TAKEN = CLASS_RESERVED | {"torch", "nn", "load", "prepare", "answer", "Path", "WEIGHTS"}
"""What the emitted source, or the file it is exported to, calls by these names."""
USUAL = frozenset({"import torch", "from torch import nn", "from torch.nn import functional as F"})


@frozen
class Parts:
    """A text taken apart: what it imports beyond the usual, its other lines, and the names it defines."""

    imports: tuple[str, ...]
    text: str
    names: tuple[str, ...]


@cache
def parts(text: str) -> Parts:
    """Take a text apart. Raises `Illegal` where it is more than imports, classes, functions and constants, or
    needs more than PyTorch, and `SyntaxError` where it is not Python.
    """
    imports: list[str] = []
    names: list[str] = []
    lines = text.splitlines()
    for part in ast.parse(text).body:
        match part:
            case ast.Import() | ast.ImportFrom():
                _must_be_at_hand(part)
                imports.append(ast.unparse(part))
                for line in range(part.lineno - 1, part.end_lineno or part.lineno):
                    lines[line] = ""
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names.append(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.append(name)
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                raise Illegal(
                    "expected imports, classes, functions and constants in its modules, received {text}",
                    text=repr(ast.unparse(part)[:60]),
                )
    for name in names:
        if name in TAKEN or name.endswith("_CLASSES"):
            raise Illegal("a module cannot be called {name}; the code has that name already", name=name)
    kept = "\n".join(lines).strip("\n")
    return Parts(tuple(one for one in imports if one not in USUAL), kept, tuple(names))


def _must_be_at_hand(part: ast.Import | ast.ImportFrom) -> None:
    """Only PyTorch and what comes with Python: the code must run wherever PyTorch does."""
    if isinstance(part, ast.ImportFrom):
        wanted = ["." if part.level else str(part.module)]
    else:
        wanted = [alias.name for alias in part.names]
    for name in wanted:
        first = name.split(".")[0]
        if first == "__future__" or (first != "torch" and first not in sys.stdlib_module_names):
            raise Illegal("its modules import {name}, but the code may need PyTorch alone", name=name)


def texts(found: Iterable[Found]) -> tuple[str, ...]:
    """The texts that these nodes need, those inside blocks too, each once."""
    return tuple(dict.fromkeys(_texts(found, set())))


def _texts(found: Iterable[Found], seen: set[int]) -> Iterator[str]:
    for one in found:
        make = one.facts.code.make if one.facts.code is not None and not one.facts.left_out else None
        if isinstance(make, Call) and make.text:
            yield make.text
        elif isinstance(make, Assembly):
            for turn in make.turns:
                if id(turn) not in seen:
                    seen.add(id(turn))
                    yield from _texts(turn.found.values(), seen)


def names(brought: Iterable[str]) -> frozenset[str]:
    """What these texts define."""
    return frozenset(name for text in brought for name in parts(text).names)
