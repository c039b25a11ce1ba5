"""What a kind says about itself, for tips: what it does, its formula, when to use it, after whom."""

from __future__ import annotations

from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from engine import kinds
from engine.kinds import Kind

if TYPE_CHECKING:
    from engine.data.source import Source


def translated(text: str) -> str:
    """A sentence that a kind declares, in the person's language."""
    return QCoreApplication.translate("engine", text) if text else ""


def data_title(source: Source) -> str:
    """What a source of data is called: a person's own files by their name."""
    path = getattr(source, "path", "")
    return PurePath(path).name if path else translated(source.label())


def equation(kind: type[Kind] | Kind) -> str:
    """A kind's formula without what is said about its letters."""
    return kind.formula.partition("; ")[0]


def remarks(kind: type[Kind] | Kind) -> str:
    """What a kind's formula says about its letters."""
    return kind.formula.partition("; ")[2]


def source_line(kind: type[Kind] | Kind) -> str:
    """After whom a kind is: `Source: Elman 1990, "Finding structure in time".` For data also its licence."""
    tr = QCoreApplication.translate
    lines = [tr("kind help", "Source: {source}").format(source=kind.source)] if kind.source else []
    if licence := getattr(kind, "licence", ""):
        lines.append(tr("kind help", "Licence: {licence}").format(licence=licence))
    return "\n".join(lines)


def tip(kind: type[Kind] | Kind, code: str = "") -> str:
    """All of it as rich text, with a line of code where there is one."""
    parts = [f"<b>{escape(translated(kind.label()))}</b>", escape(translated(kind.doc()))]
    parts += [f"<code>{escape(equation(kind))}</code>" if kind.formula else ""]
    parts += [escape(line) for line in (remarks(kind), translated(kind.use), *source_line(kind).splitlines())]
    parts += [f"<code>{escape(code)}</code>" if code else ""]
    return "<div style='width:280px'>" + "<br>".join(part for part in parts if part) + "</div>"


def tips(base: type[Kind]) -> dict[str, str]:
    """The tips of all kinds of a family by their names."""
    return {name: tip(kind) for name, kind in kinds.registry(base).items()}
