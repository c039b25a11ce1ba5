"""With which layer another one is to share its weights: a menu of those that it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from engine.project.graph import Node
from gui.style import icons


class OwnersMenu(QMenu):
    """Lists layers by name; `take` is handed the id of the one that is chosen."""

    def __init__(self, owners: Iterable[Node], take: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("Canvas", "Share weights with…"), parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._take = take
        for node in owners:
            act = self.addAction(f"{node.kind.label()}  {node.name}".replace("&", "&&"))
            act.setIcon(icons.icon("link", "text2"))
            act.setData(node.id)
        self.triggered.connect(self._chosen)

    def _chosen(self, act: QAction) -> None:
        self._take(act.data())
