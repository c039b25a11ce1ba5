"""The text of modules that a kind brings, since PyTorch has none such: taken apart, and refused where emitted
code could not contain it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from functools import cache

from attrs import frozen

from engine.kinds.identifiers import CLASS_RESERVED
from engine.message import Illegal

TAKEN = CLASS_RESERVED | {"torch", "nn", "load", "prepare", "answer", "Path", "WEIGHTS"}
"""What the emitted source, or the file it is exported to, calls by these names."""
USUAL = frozenset({"import torch", "from torch import nn", "from torch.nn import functional as F"})
"""Imports that every emitted source begins with."""


@frozen
class ModuleText:
    """A text taken apart: what it imports beyond the usual, its other lines, and the names it defines."""

    imports: tuple[str, ...]
    body: str
    names: tuple[str, ...]


@cache
def parse(text: str) -> ModuleText:
    """Take a text apart. Raises `Illegal` where it is more than imports, classes, functions and constants, or
    needs more than PyTorch, and `SyntaxError` where it is not Python.
    """
    imports: list[str] = []
    names: list[str] = []
    lines = text.splitlines()
    for part in ast.parse(text).body:
        match part:
            case ast.Import() | ast.ImportFrom():
                _must_be_available(part)
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
    body = "\n".join(lines).strip("\n")
    return ModuleText(tuple(one for one in imports if one not in USUAL), body, tuple(names))


def _must_be_available(part: ast.Import | ast.ImportFrom) -> None:
    """Only PyTorch and what comes with Python: the code must run wherever PyTorch does."""
    if isinstance(part, ast.ImportFrom):
        wanted = ["." if part.level else str(part.module)]
    else:
        wanted = [alias.name for alias in part.names]
    for name in wanted:
        first = name.split(".")[0]
        if first == "__future__" or (first != "torch" and first not in sys.stdlib_module_names):
            raise Illegal("its modules import {name}, but the code may need PyTorch alone", name=name)


def names(texts: Iterable[str]) -> frozenset[str]:
    """What these texts define."""
    return frozenset(name for text in texts for name in parse(text).names)
