"""What the palette lists: families with their kinds, or, while one searches, what was found, best first."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from engine import kinds
from engine.analysis.measure import incoming
from engine.kinds import FAMILIES, Layer
from engine.kinds.ports import Port
from engine.kinds.shapes import N, Shape
from engine.message import Message
from gui.canvas.tools.drop import MIME
from gui.document.checker import torch_is_imported
from gui.text import fuzzy
from gui.text.code_line import code_line
from gui.text.words import words

FAMILY = Qt.ItemDataRole.UserRole
"""The id of a family, at its head."""
KIND = Qt.ItemDataRole.UserRole + 1
"""The class name of a kind."""
LETTERS = Qt.ItemDataRole.UserRole + 2
"""Which letters of the name were meant by the search, as a list of places."""


def hint(kind: type[Layer]) -> str:
    """The few words beside a kind's name."""
    return words(Message(kind.hint)) if kind.hint else ""


_AXES = re.compile(r"\dd$")
_SIZES = {"C": 32, "H": 28, "W": 28, "L": 128, "T": 50, "S": 50, "F": 64}


def usual_code(kind: type[Layer]) -> str:
    """The line of code that a kind with its usual settings becomes: `nn.AvgPool2d(2)`.

    Empty where it becomes none, and while torch is not there to say which arguments are its own defaults.
    """
    if not torch_is_imported() or not kind.outputs:
        return ""
    layer = kind()
    arrivals = [_sample(port) for port in layer.ports()]
    if not arrivals:
        return ""
    return code_line(layer, layer.code(*arrivals))


def _sample(port: Port) -> Any:
    """Something that may arrive at a port."""
    text = port.pattern.text.removesuffix("?").replace("*", "F")
    dims = tuple(N if token == "N" else _SIZES.get(token, 64) for token in text.split())
    shape = Shape(dims, "int" if port.dtype == "int" else "float")
    return incoming(port, (shape,) * port.least if port.many else shape)


def in_order(names: list[str]) -> list[str]:
    """The names as they are declared, but those that differ only in their number of axes together."""
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        first.setdefault(_AXES.sub("", name), place)
    return sorted(names, key=lambda name: (first[_AXES.sub("", name)], name))


def listed() -> dict[str, type[Layer]]:
    """The kinds that the palette lists."""
    return {name: kind for name, kind in kinds.registry(Layer).items() if kind.family in FAMILIES}


class PaletteModel(QStandardItemModel):
    """Families and kinds, in the order they are declared."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.renew()

    def renew(self) -> None:
        """List the kinds that there are now: plug-ins come and go."""
        self.clear()
        self.kinds = listed()
        self._entries = {
            name: fuzzy.Searchable(
                kind.label(), f"{hint(kind)} {kind.search} {words(FAMILIES[kind.family].title)}", kind.doc()
            )
            for name, kind in self.kinds.items()
        }
        self.query = ""
        self._list_families()

    def search(self, query: str) -> int:
        """List what fits, best first; all families for an empty query. Gives back how many kinds."""
        self.query = query.strip()
        self.clear()
        if not self.query:
            self._list_families()
            return len(self.kinds)
        hits = fuzzy.ranked(self.query, self._entries.items())
        for name, hit in hits:
            item = self._item(name)
            item.setData(list(hit.letters), LETTERS)
            self.appendRow(item)
        return len(hits)

    def kind_at(self, index: QModelIndex) -> type[Layer] | None:
        """The kind in a row, None at the head of a family."""
        return self.kinds.get(index.data(KIND) or "")

    def _list_families(self) -> None:
        for family, facts in FAMILIES.items():
            names = in_order([name for name, kind in self.kinds.items() if kind.family == family])
            if not names:
                continue
            title = words(facts.title)
            head = QStandardItem(title)
            head.setData(family, FAMILY)
            head.setData(f"{title}, {len(names)}", Qt.ItemDataRole.AccessibleTextRole)
            head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            head.appendRows([self._item(name) for name in names])
            self.appendRow(head)

    def _item(self, name: str) -> QStandardItem:
        kind = self.kinds[name]
        item = QStandardItem(kind.label())
        item.setData(name, KIND)
        item.setData(
            f"{hint(kind)}. {self._entries[name].description}", Qt.ItemDataRole.AccessibleDescriptionRole
        )
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )
        return item

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:
        data = QMimeData()
        dragged = [kind for index in indexes if (kind := self.kind_at(index)) is not None]
        if dragged:
            data.setData(MIME, dragged[0].__name__.encode())
        return data
