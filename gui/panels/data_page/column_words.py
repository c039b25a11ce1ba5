"""What stands in a column, in words: its range, its classes, what the network gets of it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QCoreApplication

from engine.data.columns.numbers import DateColumn
from engine.data.overview import ColumnOverview
from gui.panels.data_page.inks import role_name
from gui.text.words import MINUS, exact, figure, filled, plain

_DATES = {"date"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("data", text)


def number_text(value: float) -> str:
    """A number as it stands in a table: `39.1`, `2700`, `1.2e-7`."""
    if not math.isfinite(value):
        return figure(value)
    if value == int(value) and abs(value) < 1e15:
        return plain(int(value))
    return f"{value:.6g}".replace("-", MINUS)


def day_text(days: float) -> str:
    """A moment given in days since 1970."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)
    except OverflowError:
        return number_text(days)
    return f"{moment:%Y-%m-%d}" if moment.hour == moment.minute == 0 else f"{moment:%Y-%m-%d %H:%M}"


def spread_text(mean: float, deviation: float) -> str:
    """A mean with its standard deviation, to as many places as that one tells: `43.9 ± 5.5`."""
    if not (math.isfinite(mean) and math.isfinite(deviation)):
        return ""
    tiny = not deviation or not 1e-6 < abs(deviation) < 1e9
    places = 2 if tiny else max(0, 1 - math.floor(math.log10(deviation)))
    if abs(mean) >= 1e9 or (mean and abs(mean) < 1e-6) or tiny:
        return f"{figure(mean)} ± {figure(deviation)}"
    return f"{mean:,.{places}f} ± {deviation:,.{places}f}".replace("-", MINUS)


def facts(one: ColumnOverview) -> tuple[str, str]:
    """What stands in a column, in two lines."""
    bars = one.bars
    if isinstance(one.type, DateColumn) and one.lowest is not None and one.highest is not None:
        return f"{day_text(one.lowest)} … {day_text(one.highest)}", _different(one.distinct)
    if one.lowest is not None and one.highest is not None:
        unit = f" {one.unit}" if one.unit else ""
        text = f"{number_text(one.lowest)} … {number_text(one.highest)}{unit}"
        return text, spread_text(one.mean or 0.0, one.deviation or 0.0)
    if bars is not None and not bars.edges:
        classes = one.role == "target"
        count = filled(_tr("{n} class{n:|es}") if classes else _tr("{n} value{n:|s}"), n=one.distinct)
        return count, ", ".join(bars.names[:20])
    if one.column is not None and one.column.shape:
        return str(one.column.shaped), one.column.doc
    if one.distinct:
        return _different(one.distinct), _example(one)
    return "", ""


def _different(count: int) -> str:
    return filled(_tr("{n} different value{n:|s}"), n=count)


def _example(one: ColumnOverview) -> str:
    return next((str(value) for value in one.values[:50] if value is not None), "")


def gets(one: ColumnOverview, loss: str = "", scale: str = "auto") -> str:
    """What the network gets of a column. `loss` is how a target is judged, `scale` how the data is scaled
    where the column leaves that to it.
    """
    if one.role == "ignore":
        return _tr("left out")
    if one.role not in {"input", "target"}:
        return {
            "weight": _tr("how much a sample counts"),
            "group": _tr("keeps its samples in one part"),
            "time": _tr("puts the samples in order"),
        }[one.role]
    text = ""
    if one.type is not None:
        scaled = "standardise" if scale == "auto" else scale
        parts = one.type.in_words(one.role == "target").split(", ")
        text = ", ".join(_tr(scaled) if part == "auto" else part for part in parts)
    elif one.column is not None and one.column.classes and not one.column.shape:
        text = filled(_tr("{n} output{n:|s}"), n=len(one.column.classes))
    elif one.column is not None:
        text = str(one.column.shaped)
    return ", ".join(filter(None, (text, loss if one.role == "target" else "")))


def bar_text(one: ColumnOverview, bar: int) -> str:
    """One bar: what is in it, and how many samples."""
    bars = one.bars
    if bars is None:
        return ""
    count = exact(int(bars.counts[bar].sum()))
    if not bars.edges:
        name = bars.names[bar] if bar < len(bars.names) else _tr("all others")
        return f"{name}: {count}"
    words = day_text if isinstance(one.type, DateColumn) else number_text
    first, last = (words(round_edge(edge, bars.edges)) for edge in bars.edges[bar : bar + 2])
    return f"{first} … {last}: {count}"


def round_edge(edge: float, edges: tuple[float, ...]) -> float:
    """An edge of a bar to so many places as its neighbours can be told apart by."""
    width = abs(edges[-1] - edges[0]) / max(1, len(edges) - 1)
    if not width or not math.isfinite(width):
        return edge
    return round(edge, max(0, 2 - math.floor(math.log10(width))))


def spoken(one: ColumnOverview) -> str:
    """A whole row of the list of columns, for those who cannot see it."""
    first, second = facts(one)
    lost = filled(_tr("{n} missing"), n=one.lost) if one.lost else _tr("none missing")
    parts = (one.name, _tr(one.kind), role_name(one.role), first, second, lost, gets(one))
    return ", ".join(filter(None, parts))
