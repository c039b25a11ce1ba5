"""The first page: templates to begin with, and the projects that were open lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gui import settings
from gui.controls import Label, SearchField, Separator, Tabs
from gui.files.recent import Recent
from gui.gallery.card_grid import CardGrid, ScrollPage
from gui.gallery.recent import RecentList
from gui.gallery.side import Side
from gui.style import theme
from gui.text.fuzzy import Searchable, ranked

if TYPE_CHECKING:
    from gui.controls.announcement import Announcement
    from gui.gallery.card import Card


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
    data_wanted = Signal()
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
        self._matches: list[Card] = []
        """The cards that fit what is searched, best first, of both tabs."""
        self.side, self.grid, self.all_recent = Side(), CardGrid(), RecentList(self.tr("Recent"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addWidget(self._main(), 1)
        self._connect()
        self._measure()
        self.search("")
        self.refresh()

    def _connect(self) -> None:
        self.side.new.clicked.connect(self.new_wanted)
        self.side.open.clicked.connect(self.open_wanted)
        self.side.data.clicked.connect(self.data_wanted)
        self.side.back.clicked.connect(self.back_wanted)
        self.side.settings_wanted.connect(self.settings_wanted)
        for listed in (self.side.recent, self.all_recent):
            listed.chosen.connect(self.recent_chosen)
            listed.dropped.connect(self.recent.drop)
        self.recent.changed.connect(self.refresh)
        self.grid.chosen.connect(self.chosen)
        self.tabs.currentChanged.connect(self._turn)
        self.field.value_changed.connect(self.search)
        self.field.installEventFilter(self)
        theme.theme_changed.connect(self._measure)

    # ------------------------------------------------------------------ what stands where

    def _main(self) -> QWidget:
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(34, 12, 34, 20)
        column.setSpacing(0)
        self._top = QVBoxLayout()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.grid)
        self._stack.addWidget(ScrollPage(self.all_recent))
        column.addLayout(self._top)
        column.addLayout(self._head())
        column.addWidget(Separator())
        column.addSpacing(20)
        column.addWidget(self._stack, 1)
        column.addLayout(self._foot())
        return main

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(0, 8, 0, 0)
        self.tabs = Tabs(name=self.tr("Gallery"))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.tabs.add("templates", self.tr("Templates"))
        self.tabs.add("famous", self.tr("Famous networks"))
        self.tabs.add("recent", self.tr("Recent"))
        self.tabs.set_badge("famous", sum(card.template.year > 0 for card in self.grid.cards))
        head.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        self.field = SearchField(self.tr("Search templates"), "/")
        head.addWidget(self.field, 0, Qt.AlignmentFlag.AlignVCenter)
        return head

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
        hint = self.tr("Pick one and press Enter, or drag a .loom file or data of your own into this window.")
        foot.addWidget(Label(hint, "body", "text2", wrap=True), 1)
        foot.addSpacing(16)
        self.at_start = QCheckBox(self.tr("Show this at start"))
        self.at_start.setChecked(settings.preferences().show_gallery)
        self.at_start.toggled.connect(self._at_start)
        foot.addWidget(self.at_start)
        return foot

    def _measure(self, _: object = None) -> None:
        """Fit the widths to the size of text."""
        self.side.measure()
        self.grid.measure()
        self.field.setFixedWidth(theme.px(240))

    # ------------------------------------------------------------------ what is shown

    def refresh(self) -> None:
        """List the recent projects anew."""
        entries = self.recent.entries()
        self.side.recent.set_entries(entries[:8])
        self.all_recent.set_entries(entries)
        self.at_start.setChecked(settings.preferences().show_gallery)

    def search(self, text: str) -> None:
        """Show the networks and the projects that fit, best first."""
        entries = [
            (
                card,
                Searchable(
                    card.template.title, f"{card.template.data_label} {card.template.id}", card.template.line
                ),
            )
            for card in self.grid.cards
        ]
        self._matches = [card for card, _ in ranked(text, entries)]
        self._show()
        by_id = {id(entry): entry for entry in self.recent.entries()}
        recent = ranked(text, [(entry, Searchable(entry.title, entry.place())) for entry in by_id.values()])
        self.all_recent.set_entries(tuple(entry for entry, _ in recent))

    def _show(self) -> None:
        """Show the cards of the tab of now that the search found. One that found nothing here turns to the
        other cards.
        """
        famous = self.tabs.current() == "famous"
        if self._matches and all(bool(card.template.year) is not famous for card in self._matches):
            famous = not famous
            self.tabs.set_current("famous" if famous else "templates")
        self.grid.show_cards([card for card in self._matches if bool(card.template.year) is famous])

    def _turn(self, _: int) -> None:
        recent = self.tabs.current() == "recent"
        self._stack.setCurrentIndex(1 if recent else 0)
        self.field.setPlaceholderText(self.tr("Search recent") if recent else self.tr("Search templates"))
        if not recent:
            self.grid.verticalScrollBar().setValue(0)
            self._show()

    def _at_start(self, on: bool) -> None:
        settings.prefer(show_gallery=on)

    # ------------------------------------------------------------------ hands

    def _walk(self, key: int) -> bool:
        return self.grid.walk(key, focus=not self.field.hasFocus())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() == "/":
            self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._stack.currentIndex() == 0:
            self.grid.open_current()
        elif event.key() == Qt.Key.Key_Escape and self.side.back.isVisible():
            self.back_wanted.emit()
        elif self._stack.currentIndex() or not self._walk(event.key()):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                return self._walk(event.key())
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.grid.open_current()
                return True
        return False
