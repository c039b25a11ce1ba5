"""Ctrl F: find a layer by its name, its kind or a setting, also inside blocks, and go there by Enter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from engine.kinds import Kind, Layer, params
from engine.project.blocks import Use
from engine.project.graph import Graph, Node
from gui.commands.search_popup import SearchLine, SearchPopup
from gui.forms.fields import label_text
from gui.style.kind_icons import paint_kind
from gui.text.fuzzy import INSIDE, WORD, Searchable, match
from gui.text.words import value_text

if TYPE_CHECKING:
    from gui.session import Session

MOST = 200
"""So many lines are shown at most: who sees more types on."""


@frozen
class Found:
    """A layer somewhere in a network: the ids that lead to where it stands, what the blocks there are called,
    and what its settings say.
    """

    path: tuple[str, ...]
    blocks: tuple[str, ...]
    node: Node
    settings: tuple[str, ...]


@frozen
class Hit:
    """A layer that fits, how well, and what was meant: letters of its kind or its name, or a setting."""

    found: Found
    score: float
    kind_letters: tuple[int, ...] = ()
    name_letters: tuple[int, ...] = ()
    setting: str = ""


class LayerSearch(SearchPopup):
    """The layers that fit, best first, with where they stand."""

    def __init__(self, session: Session) -> None:
        tr = QCoreApplication.translate
        super().__init__(
            session.window,
            tr("LayerSearch", "Find a layer"),
            tr("LayerSearch", "No layer is called that, is of that kind, or has such a setting."),
        )
        self._session = session
        self._layers = list(layers(session.workspace.current.project.graph))
        self.search("")

    def lines(self, text: str) -> Sequence[SearchLine]:
        """The layers that fit; of those that fit equally well, what is open first."""
        open_now = self._session.workspace.current.level.path
        hits = [hit for found in self._layers if (hit := fit(text, found)) is not None]
        hits.sort(key=lambda hit: (-hit.score, hit.found.path != open_now))
        return [self._line(hit) for hit in hits[:MOST]]

    def _line(self, hit: Hit) -> SearchLine:
        found = hit.found
        return SearchLine(
            found.node.kind.label(),
            partial(self._go_to, found),
            hit.kind_letters,
            found.node.name,
            hit.name_letters,
            right=" · ".join(part for part in (hit.setting, " › ".join(found.blocks)) if part),
            paint_icon=partial(_paint_icon, found.node.kind),
        )

    def _go_to(self, found: Found) -> None:
        level = self._session.workspace.current.level
        if level.path != found.path:
            level.open(found.path)
        level.select({found.node.id})
        self._session.canvas.viewport.centre([found.node.id])


def _paint_icon(kind: Layer, painter: QPainter, place: QRectF, enabled: bool) -> None:
    paint_kind(painter, kind, place)


def layers(
    graph: Graph, path: tuple[str, ...] = (), blocks: tuple[str, ...] = (), seen: set[str] | None = None
) -> Iterator[Found]:
    """Every layer of a network, those of a block once, by way of its first use; outer ones first."""
    seen = set() if seen is None else seen
    inner: list[Node] = []
    for node in graph.nodes.values():
        yield Found(path, blocks, node, tuple(_settings(node.kind)))
        if isinstance(node.kind, Use) and node.kind.block.name not in seen:
            seen.add(node.kind.block.name)
            inner.append(node)
    for node in inner:
        assert isinstance(node.kind, Use)
        yield from layers(node.kind.graph, (*path, node.id), (*blocks, node.kind.label()), seen)


def _settings(kind: Kind) -> Iterator[str]:
    """What the settings say, each as a person would type it: `Kernel size 3, 3`."""
    for param in params(kind):
        value = getattr(kind, param.name)
        nested = isinstance(value, Kind)
        yield f"{label_text(param)} {value.label() if nested else value_text(value)}"
        if nested:
            yield from _settings(value)
    if isinstance(kind, Layer) and (summary := kind.summary()):
        yield summary


def fit(text: str, found: Found) -> Hit | None:
    """How a layer fits what was typed, or None: by its name or kind; else each word must be in one of these,
    and all that are left in one setting.
    """
    kind, name = Searchable(found.node.kind.label()), Searchable(found.node.name)
    by_kind, by_name = match(text, kind), match(text, name)
    if by_name is not None and (by_kind is None or by_name.score >= by_kind.score):
        return Hit(found, by_name.score, name_letters=by_name.letters)
    if by_kind is not None:
        return Hit(found, by_kind.score, kind_letters=by_kind.letters)
    parts = re.sub(r"[_=×]|(?<=\d)x(?=\d)", " ", text).split()
    rest = [part for part in parts if not any(_names(part, one) for one in (kind, name))]
    setting = next((one for one in found.settings if _says(one, rest)), None) if rest else ""
    return None if setting is None else Hit(found, WORD, setting=setting)


def _names(part: str, entry: Searchable) -> bool:
    """Whether a word means the kind or the name, by its beginnings; a number alone never does."""
    hit = None if part.isdigit() else match(part, entry)
    return hit is not None and hit.score >= INSIDE - len(entry.name)


def _says(setting: str, parts: Sequence[str]) -> bool:
    """Whether every part begins a word of the setting; a number must be that number."""
    words = setting.casefold().replace("×", " ").replace(",", " ").split()
    return all(
        any(word == part or (word.startswith(part) and not part.isdigit()) for word in words)
        for part in (part.casefold() for part in parts)
    )
