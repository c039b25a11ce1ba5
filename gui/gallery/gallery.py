"""The first page: templates to begin with, and the projects that were open lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui import settings
from gui.controls import Button, IconButton, Label, Line, SearchField, Tabs
from gui.files.recent import Recent
from gui.gallery.card import LEAST_WIDTH, Card
from gui.gallery.card_cache import template_cards
from gui.gallery.recent import RecentList
from gui.style import theme
from gui.style.emblem import Emblem
from gui.text.fuzzy import Entry, ranked

if TYPE_CHECKING:
    from gui.controls.announcement import Announcement

SIDE = 288
GAP = 16
MOST_COLUMNS = 4


class Gallery(QWidget):
    """Cards in a grid; arrows walk them, Enter opens, / searches. The left column has what is always
    wanted.
    """

    chosen = Signal(object)
    """The id of a template."""
    recent_chosen = Signal(object)
    """The path of a project."""
    new_wanted = Signal()
    open_wanted = Signal()
    settings_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, recent: Recent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recent = recent
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "window")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Gallery"))
        self._banner: Announcement | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side())
        row.addWidget(self._main(), 1)
        recent.changed.connect(self.refresh)
        theme.theme_changed.connect(self._measure)
        self._measure()
        self.tabs.currentChanged.connect(self._turn)
        self.field.value_changed.connect(self.search)
        self.field.installEventFilter(self)
        self._current: Card | None = None
        self.search("")
        self.refresh()

    # ------------------------------------------------------------------ what stands where

    def _side(self) -> QWidget:
        side = QWidget()
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setProperty("ground", "panel")
        self._side_page = side
        column = QVBoxLayout(side)
        column.setContentsMargins(20, 28, 20, 20)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Emblem(26))
        head.addWidget(Label("Layerloom", "big"), 1)
        column.addLayout(head)
        motto = Label(
            self.tr("Draw a network, watch it learn, take it with you."), "body", "text2", wrap=True
        )
        motto.setMaximumWidth(theme.px(200))
        column.addWidget(motto)
        column.addSpacing(8)
        self.new = Button(self.tr("New empty network"), "plus", look="primary", keys="Ctrl+N", spread=True)
        self.open = Button(
            self.tr("Open…"), "open", keys=QKeySequence(QKeySequence.StandardKey.Open), spread=True
        )
        self.back = Button(self.tr("Back to the network"), "network", keys="Esc", spread=True)
        self.back.hide()
        self.new.clicked.connect(self.new_wanted)
        self.open.clicked.connect(self.open_wanted)
        self.back.clicked.connect(self.back_wanted)
        for button in (self.new, self.open, self.back):
            column.addWidget(button)
        column.addSpacing(16)
        head_label = Label(self.tr("Recent"), "head", "text2")
        head_label.setContentsMargins(10, 0, 0, 0)
        column.addWidget(head_label)
        self.lately = RecentList(self.tr("Recent"))
        self.lately.chosen.connect(self.recent_chosen)
        self.lately.dropped.connect(self.recent.drop)
        column.addWidget(self.lately, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 0, 0, 0)
        foot.addWidget(
            Label(
                self.tr("Everything works offline. Nothing leaves this machine."), "hint", "text3", wrap=True
            ),
            1,
        )
        gear = IconButton("settings", self.tr("Settings"), "Ctrl+,")
        gear.clicked.connect(self.settings_wanted)
        foot.addWidget(gear, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(foot)
        return side

    def _main(self) -> QWidget:
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(34, 12, 34, 20)
        column.setSpacing(0)
        self._top = QVBoxLayout()
        column.addLayout(self._top)
        head = QHBoxLayout()
        head.setContentsMargins(0, 8, 0, 0)
        self.tabs = Tabs(name=self.tr("Gallery"))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.tabs.add("templates", self.tr("Templates"))
        self.tabs.add("famous", self.tr("Famous networks"))
        self.tabs.add("recent", self.tr("Recent"))
        head.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        self.field = SearchField(self.tr("Search templates"), "/")
        head.addWidget(self.field, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(head)
        column.addWidget(Line())
        column.addSpacing(20)
        self._grid_page = QWidget()
        self._grid = QGridLayout(self._grid_page)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.cards = [Card(template) for template in template_cards()]
        for card in self.cards:
            card.setParent(self._grid_page)
            card.pointed.connect(self._point)
            card.opened.connect(self.chosen)
        self.tabs.set_badge("famous", sum(card.template.year > 0 for card in self.cards))
        self._nothing = Label(
            self.tr("Nothing called that. Backspace, or try another word."), "body", "text2"
        )
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._grid_page)
        inner.addWidget(self._nothing)
        inner.addStretch(1)
        self._scroll = _scrolling(body)
        self._view = self._scroll.viewport()
        self._view.installEventFilter(self)
        self.all_recent = RecentList(self.tr("Recent"))
        self.all_recent.chosen.connect(self.recent_chosen)
        self.all_recent.dropped.connect(self.recent.drop)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(_scrolling(self.all_recent))
        column.addWidget(self._stack, 1)
        column.addLayout(self._foot())
        return main

    @property
    def banner(self) -> Announcement:
        """What stands above the cards when there is something to say, made when it is first asked for."""
        if self._banner is None:
            from gui.controls.announcement import Announcement

            self._banner = Announcement()
            self._top.addWidget(self._banner)
        return self._banner

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 12, 0, 0)
        hint = self.tr("Pick one and press Enter, or drag a .loom file anywhere into this window.")
        foot.addWidget(Label(hint, "body", "text2", wrap=True), 1)
        foot.addSpacing(16)
        self.at_start = QCheckBox(self.tr("Show this at start"))
        self.at_start.setChecked(settings.preferences().show_gallery)
        self.at_start.toggled.connect(self._at_start)
        foot.addWidget(self.at_start)
        return foot

    def _measure(self, _: object = None) -> None:
        """Fit the widths to the size of text."""
        self._side_page.setFixedWidth(theme.px(SIDE))
        self.field.setFixedWidth(theme.px(240))
        for card in self.cards:
            card.setMinimumWidth(theme.px(LEAST_WIDTH))

    # ------------------------------------------------------------------ what is shown

    def refresh(self) -> None:
        """List the recent projects anew."""
        entries = self.recent.entries()
        self.lately.set_entries(entries[:8])
        self.all_recent.set_entries(entries)
        self.at_start.setChecked(settings.preferences().show_gallery)

    def search(self, text: str) -> None:
        """Show the networks and the projects that fit, best first."""
        entries = [
            (
                card,
                Entry(
                    card.template.title, f"{card.template.data_label} {card.template.id}", card.template.line
                ),
            )
            for card in self.cards
        ]
        shown = [card for card, _ in ranked(text, entries)]
        self._found = shown
        self._show()
        known = {id(entry): entry for entry in self.recent.entries()}
        found = ranked(text, [(entry, Entry(entry.title, entry.place())) for entry in known.values()])
        self.all_recent.set_entries(tuple(entry for entry, _ in found))

    def columns(self) -> int:
        """How many cards stand beside each other at the width of now."""
        width = self._view.width() + GAP
        return max(1, min(MOST_COLUMNS, width // (theme.px(LEAST_WIDTH) + GAP)))

    def _lay_out(self) -> None:
        while self._grid.count():
            self._grid.takeAt(0)
        columns = self.columns()
        for place, card in enumerate(self.shown):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _show(self) -> None:
        """Show the cards of the tab of now that the search found. One that found nothing here turns to the
        other cards.
        """
        famous = self.tabs.current() == "famous"
        if self._found and all(bool(card.template.year) is not famous for card in self._found):
            famous = not famous
            self.tabs.set_current("famous" if famous else "templates")
        self.shown = [card for card in self._found if bool(card.template.year) is famous]
        for card in self.cards:
            card.setVisible(card in self.shown)
        self._lay_out()
        self._nothing.setVisible(not self.shown)
        self._point(self.shown[0] if self.shown else None)

    def _turn(self, _: int) -> None:
        recent = self.tabs.current() == "recent"
        self._stack.setCurrentIndex(1 if recent else 0)
        self.field.setPlaceholderText(self.tr("Search recent") if recent else self.tr("Search templates"))
        if not recent:
            self._scroll.verticalScrollBar().setValue(0)
            self._show()

    def _at_start(self, on: bool) -> None:
        settings.prefer(show_gallery=on)

    # ------------------------------------------------------------------ hands

    @property
    def current(self) -> Card | None:
        """The card that Enter opens."""
        return self._current

    def _point(self, card: Card | None) -> None:
        if self._current is not None:
            self._current.set_current(False)
        self._current = card
        if card is not None:
            card.set_current(True)
            self._scroll.ensureWidgetVisible(card, 0, 8)

    def open_current(self) -> None:
        """Open the template that is current."""
        if self._current is not None:
            self.chosen.emit(self._current.template.id)

    def _walk(self, key: int) -> bool:
        if self._current is None or not self.shown:
            return False
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns(),
            Qt.Key.Key_Down: self.columns(),
        }.get(Qt.Key(key))
        if step is None:
            return False
        place = self.shown.index(self._current) + step
        if 0 <= place < len(self.shown):
            self._point(self.shown[place])
            if not self.field.hasFocus():
                self.shown[place].setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() == "/":
            self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._stack.currentIndex() == 0:
            self.open_current()
        elif event.key() == Qt.Key.Key_Escape and self.back.isVisible():
            self.back_wanted.emit()
        elif self._stack.currentIndex() or not self._walk(event.key()):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view and event.type() == QEvent.Type.Resize:
            self._lay_out()
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                return self._walk(event.key())
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.open_current()
                return True
        return False


def _scrolling(body: QWidget) -> QScrollArea:
    """A page that scrolls down where it is too long, on the ground of the gallery."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    view = QWidget()  # Qt's own would first be wrapped by PySide, which looks through every class for that
    scroll.setViewport(view)
    for widget in (scroll, view, body):
        widget.setAutoFillBackground(False)
    scroll.setWidget(body)
    return scroll
