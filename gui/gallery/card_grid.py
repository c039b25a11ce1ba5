"""The cards of the gallery, as many beside each other as have room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from gui.controls import Label
from gui.gallery.card import LEAST_WIDTH, Card
from gui.gallery.card_cache import template_cards
from gui.style import theme

GAP = 16
MOST_COLUMNS = 4


class ScrollPage(QScrollArea):
    """A page that scrolls down where it is too long, on the ground of the gallery."""

    def __init__(self, body: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Qt's own would first be wrapped by PySide, which looks through every class for that
        view = QWidget()
        self.setViewport(view)
        for widget in (self, view, body):
            widget.setAutoFillBackground(False)
        self.setWidget(body)


class CardGrid(ScrollPage):
    """Shows some of the cards; one of them is current, which is the one that Enter opens."""

    chosen = Signal(object)
    """The id of a template."""

    def __init__(self) -> None:
        body = QWidget()
        super().__init__(body)
        self._page = QWidget()
        self._grid = QGridLayout(self._page)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        nothing = self.tr("Nothing called that. Backspace, or try another word.")
        self._nothing = Label(nothing, "body", "text2")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._page)
        column.addWidget(self._nothing)
        column.addStretch(1)
        self.cards = [Card(template) for template in template_cards()]
        self.shown: Sequence[Card] = ()
        """The cards that are in sight, best first."""
        self.current: Card | None = None
        for card in self.cards:
            card.setParent(self._page)
            card.pointed.connect(self.point)
            card.opened.connect(self.chosen)

    def measure(self) -> None:
        """Fit the cards to the size of text."""
        for card in self.cards:
            card.setMinimumWidth(theme.px(LEAST_WIDTH))

    def show_cards(self, cards: Sequence[Card]) -> None:
        """Show these, the first one current."""
        self.shown = cards
        for card in self.cards:
            card.setVisible(card in cards)
        self._lay_out()
        self._nothing.setVisible(not cards)
        self.point(cards[0] if cards else None)

    def columns(self) -> int:
        """How many cards stand beside each other at the width of now."""
        width = self.viewport().width() + GAP
        return max(1, min(MOST_COLUMNS, width // (theme.px(LEAST_WIDTH) + GAP)))

    def _lay_out(self) -> None:
        while self._grid.count():
            self._grid.takeAt(0)
        columns = self.columns()
        for place, card in enumerate(self.shown):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    # ------------------------------------------------------------------ hands

    def point(self, card: Card | None) -> None:
        """Make a card the current one, and bring it into sight."""
        if self.current is not None:
            self.current.set_current(False)
        self.current = card
        if card is not None:
            card.set_current(True)
            self.ensureWidgetVisible(card, 0, 8)

    def open_current(self) -> None:
        """Open the template that is current."""
        if self.current is not None:
            self.chosen.emit(self.current.template.id)

    def walk(self, key: int, focus: bool) -> bool:
        """Go to the next card by an arrow key, with `focus` the keyboard as well. False for other keys."""
        if self.current is None or not self.shown:
            return False
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns(),
            Qt.Key.Key_Down: self.columns(),
        }.get(Qt.Key(key))
        if step is None:
            return False
        place = self.shown.index(self.current) + step
        if 0 <= place < len(self.shown):
            self.point(self.shown[place])
            if focus:
                self.shown[place].setFocus(Qt.FocusReason.OtherFocusReason)
        return True
