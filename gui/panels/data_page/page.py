"""The data page: what a network learns from, its columns and samples, its parts, and what was noticed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine import edits
from engine.data.columns.column_type import ColumnType, UnreadableFiles
from engine.data.findings import DataFinding, findings_of_steps, with_role
from engine.data.opening import retargeted
from engine.data.overview import ColumnOverview, Overview
from engine.data.own.file_source import FileSource
from engine.data.own.folder_files import FolderFiles
from engine.data.sample_looks import looked_at, medium_of_column
from engine.data.sample_order import Wanted, samples_wanted
from engine.data.settings import DataSettings
from engine.layers.input_output import Output
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.templates.suggest import suggested
from gui.background import Worker
from gui.controls import Banner, EmptyState, Label
from gui.controls.notices import Action
from gui.deferred import Deferred
from gui.panels.data_page.column_list import ColumnHead, ColumnList
from gui.panels.data_page.column_menu import column_menu
from gui.panels.data_page.column_words import bar_text
from gui.panels.data_page.head import PageHead
from gui.panels.data_page.how import ColumnForm, HowRead
from gui.panels.data_page.reader import DataReader, DataView
from gui.panels.data_page.rows import RowTable
from gui.panels.data_page.sample_grid import SampleGrid
from gui.panels.data_page.side import WIDTH, DataSide
from gui.style import theme
from gui.text.kind_help import data_title
from gui.text.words import bytes_text, filled, lowered, words

if TYPE_CHECKING:
    from gui.document.workspace import Workspace

SEARCH_AFTER = 160
"""Milliseconds after the last key until it is looked for."""


class DataPage(QWidget):
    """Follows the document in front. Data is read in a thread, and only while the page is in sight."""

    open_wanted = Signal()
    """Another file is wanted."""
    source_wanted = Signal(object)
    """A `FileSource` by which the files are to be read anew."""
    network_drawn = Signal()
    """A network was drawn for the data."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.view: DataView | None = None
        """What is on the screen."""
        self.wanted = Wanted()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "panel")
        self.setAccessibleName(self.tr("The data of the network"))
        self.reader = DataReader(self)
        self.reader.read.connect(self._take)
        self.reader.failed.connect(self._fail)
        self.sorter = Worker(self)
        self.sorter.done.connect(self._show_rows)
        self.sorter.failed.connect(self._raise)
        self._build()
        self._connect()
        self._later = Deferred(self.refresh, self)
        workspace.changed.connect(self._soon)
        workspace.switched.connect(self._soon)
        workspace.kinds_changed.connect(self._soon)
        workspace.analysed.connect(self._offer_soon)
        self._offers = Deferred(self._offer, self)
        self._kept_for: set[tuple[str, DataSettings]] = set()
        """For which data of which document the person's own network stays."""

    def _build(self) -> None:
        self.head, self.side = PageHead(), DataSide()
        self.trouble = Banner("", "error")
        self.trouble.hide()
        self.columns_note = Label("", "hint", "text3")
        self.columns_head, self.columns = ColumnHead(), ColumnList()
        self.rows_note = Label("", "hint", "text3")
        self.table = RowTable()
        self.reading = EmptyState(self.tr("Reading the data…"))
        self.down = QSplitter(Qt.Orientation.Vertical)
        self.down.setChildrenCollapsible(False)
        self.down.setHandleWidth(1)
        self.down.addWidget(_titled(self.tr("Columns"), self.columns_note, self.columns_head, self.columns))
        self.down.addWidget(_titled(self.tr("Rows"), self.rows_note, self.table))
        self.down.setStretchFactor(1, 1)
        self.stack = QStackedWidget()
        self.grid = SampleGrid()
        for page in (self.reading, self.down, self.grid):
            self.stack.addWidget(page)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setChildrenCollapsible(False)
        self.across.setHandleWidth(1)
        self.across.addWidget(self.stack)
        self.across.addWidget(self.side)
        self.across.setStretchFactor(0, 1)
        self.across.splitterMoved.connect(self._drawn)
        self._usual = True
        """Whether nobody has drawn the side to a width of their own."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.head, self.trouble, self.across):
            column.addWidget(part)
        column.setStretchFactor(self.across, 1)

    def _connect(self) -> None:
        self.head.another.clicked.connect(self.open_wanted)
        self.head.how.clicked.connect(self._open_how)
        self.head.all.clicked.connect(self.show_all)
        self.head.part_chosen.connect(self._choose_part)
        self.head.look_chosen.connect(self._turn)
        self.head.sort_chosen.connect(self._sort_samples)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SEARCH_AFTER)
        self._pause.timeout.connect(self._search)
        self.head.field.value_changed.connect(lambda _: self._pause.start())
        self.columns.role_wanted.connect(self.set_role)
        self.columns.menu_wanted.connect(self._open_menu)
        self.columns.bar_chosen.connect(self._choose_bar)
        self.table.sort_wanted.connect(self._sort)
        self.side.part_chosen.connect(self._choose_part)
        self.side.class_chosen.connect(self._choose_class)
        self.side.change_wanted.connect(self._change)
        self.side.rows_wanted.connect(self._show_found)
        self.side.steps.data_wanted.connect(self._do)
        self.side.network.drawn.connect(self._draw_network)
        self.side.network.kept.connect(self._keep_network)

    # ------------------------------------------------------------------ show

    def _soon(self, _: object) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def read_anew(self) -> None:
        """Read once more: what could not be read may be readable now."""
        self.reader.forget()
        self._soon(None)

    def refresh(self) -> None:
        """Show the data of the network in front."""
        data = self.workspace.current.project.data
        self.columns.losses, self.columns.scale = self._losses(), data.scale
        if self.view is not None and self.view.overview.settings.source != data.source:
            self._clear()
        self._show_head(data)
        if isinstance(data.source, FileSource) and not data.source.path:
            self._fail(Trouble("No data is chosen yet: open a file or a folder."))
            return
        self.reader.ask(data)
        self.columns.viewport().update()

    def _losses(self) -> dict[str, str]:
        """How each target is judged."""
        project = self.workspace.current.project
        outputs = [node.kind for node in project.graph.nodes.values() if isinstance(node.kind, Output)]
        targets = [one.name for one in project.data.of_role("target")]
        first = targets[0] if targets else ""
        return {one.target or first: lowered(one.loss.label()) for one in outputs}

    def _clear(self) -> None:
        self.view, self.wanted = None, Wanted()
        self.head.field.set_value("")
        self.head.all.hide()
        self.stack.setCurrentWidget(self.reading)
        self.reading.set_text(self.tr("Reading the data…"))

    def _show_head(self, data: DataSettings) -> None:
        source = data.source
        own = isinstance(source, FileSource)
        self.head.name.setText(data_title(source))
        self.head.facts.setText(self._facts(data))
        folder = isinstance(source, FolderFiles)
        self.head.another.setText(self.tr("Another folder…") if folder else self.tr("Another file…"))
        self.head.how.setText(self.tr("How it is read…") if own else self.tr("Which set, and its parts…"))

    def _facts(self, data: DataSettings) -> str:
        view = self.view
        if view is None or view.overview.settings.source != data.source:
            return ""
        seen = view.overview
        parts = [self._count(seen)]
        known = view.facts
        read = [known.get("encoding", "").upper(), _named(known.get("separator", ""))]
        read += [_named(known.get("decimal", "")), known.get("sheet", "")]
        parts.append(", ".join(filter(None, read)))
        if view.size:
            parts.append(bytes_text(view.size))
        return " · ".join(filter(None, parts))

    def _count(self, seen: Overview) -> str:
        """How much there is, as what it is."""
        counts = {
            "image": self.tr("{n} picture{n:|s}"),
            "video": self.tr("{n} video{n:|s}"),
            "audio": self.tr("{n} sound{n:|s}"),
            "text": self.tr("{n} text{n:|s}"),
            "series": self.tr("{n} piece{n:|s} of series"),
        }
        medium = medium_of_column(looked_at(seen)) if seen.columns else "table"
        if medium in counts:
            shape = looked_at(seen).column
            size = str(shape.shaped) if shape is not None else ""
            return " · ".join(filter(None, (filled(counts[medium], n=seen.samples), size)))
        return self.tr("{rows} × {columns}").format(
            rows=filled(self.tr("{n} row{n:|s}"), n=seen.samples),
            columns=filled(self.tr("{n} column{n:|s}"), n=len(seen.columns)),
        )

    def _take(self, view: DataView) -> None:
        """What was read is there."""
        self.view = view
        self._show_head(view.overview.settings)
        seen = view.overview
        if seen.trouble is not None:
            ways: tuple[Action, ...] = ()
            if isinstance(seen.trouble, UnreadableFiles):
                ways = ((self.tr("Leave them out"), self._skip_unreadable),)
            self.trouble.set(words(seen.trouble), "error", ways)
        self.trouble.setVisible(seen.trouble is not None)
        editable = isinstance(seen.settings.source, FileSource) and seen.whole
        self.columns.set_columns(seen.columns, editable)
        self.columns_head.set_by(seen.target if seen.classes else "")
        self.side.show_view(seen, self._how_split(seen))
        self.side.show_findings((*findings_of_steps(seen), *view.findings))
        self._show_notes(seen, editable)
        self._turn()
        self._fit()
        self._ask_rows()
        self._offer()

    @property
    def in_grid(self) -> bool:
        """Whether samples are looked at as they are, not as rows of a table."""
        view = self.view
        if view is None or not view.overview.columns:
            return False
        medium = medium_of_column(looked_at(view.overview))
        return medium != "table" and self.head.looks.value() == "samples"

    def _turn(self, _: object = None) -> None:
        """Show the samples as they are, or the columns and rows they stand in."""
        view = self.view
        if view is None:
            return
        seen, grid = view.overview, self.in_grid
        pictures = bool(seen.columns) and medium_of_column(looked_at(seen)) != "table"
        self.head.show_looks(pictures, grid)
        self.stack.setCurrentWidget(self.grid if grid else self.down)
        self._ask_rows()

    def _sort_samples(self, _: str) -> None:
        self._ask_rows()

    def _show_notes(self, seen: Overview, editable: bool) -> None:
        if not seen.whole:
            text = filled(self.tr("of the first {n} rows, the others are being read"), n=seen.samples)
        elif editable:
            text = filled(
                self.tr("types were guessed from all {n} rows; click one to change it"), n=seen.samples
            )
        else:
            text = self.tr("as the set describes them")
        self.columns_note.setText(text)
        self.rows_note.setText(
            self.tr("coloured dot: the part a row is in · click a head to sort, a bar above to filter")
        )

    def _how_split(self, seen: Overview) -> str:
        """How the parts were drawn, in words."""
        data = seen.settings
        known = seen.prepared.schema if seen.prepared is not None else None
        if known is not None and known.ordered:
            return self.tr("by time: the first train, the last test")
        if known is not None and known.own_test:
            return self.tr("its own test part is kept")
        groups = data.of_role("group")
        seed = self.tr("seed {seed}").format(seed=data.seed)
        if groups and data.split in {"auto", "group"}:
            names = ", ".join(one.name for one in groups)
            return self.tr("by {groups}, {seed}").format(groups=names, seed=seed)
        if seen.classes:
            return self.tr("random, stratified by {target}, {seed}").format(target=seen.target, seed=seed)
        return self.tr("random, {seed}").format(seed=seed)

    def show_first(self, seen: Overview) -> None:
        """Show the first rows of data that is still being read."""
        self.view = None
        self.reader.forget()
        self._take(DataView(seen))
        self.view = None

    def _fail(self, trouble: Trouble) -> None:
        self.view = None
        self.trouble.set(words(trouble), "error")
        self.trouble.show()
        self.columns.set_columns((), False)
        self.table.set_rows(None, np.zeros(0, np.int64))
        self.side.show_findings(())
        self.reading.set_text(self.tr("Nothing to see: the data could not be read."))
        self.stack.setCurrentWidget(self.reading)

    def _raise(self, error: Exception) -> None:
        raise error

    def _fit(self) -> None:
        """As much room for the columns as they need, but no more than half."""
        wanted = self.columns.sizeHint().height() + self.columns_head.sizeHint().height() + theme.px(44)
        whole = self.down.height()
        upper = min(wanted, round(whole * (0.62 if whole > 700 else 0.5)))
        self.down.setSizes([upper, max(1, whole - upper)])

    def _drawn(self, place: int, index: int) -> None:
        self._usual = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._usual:
            side = min(theme.px(WIDTH), round(0.26 * self.width()))
            self.across.setSizes([max(1, self.width() - side), side])

    # ------------------------------------------------------------------ which rows

    def _ask_rows(self) -> None:
        view, wanted = self.view, self.wanted
        if view is None:
            return
        seen, order = view.overview, wanted
        if self.in_grid:
            sort = self.head.sorts.value()
            by = seen.target if sort == "target" else ""
            order = evolve(wanted, shuffled=sort == "shuffled", sort=by, falling=False)
        self.sorter.run(lambda: (seen, wanted, samples_wanted(seen, order)))

    def _show_rows(self, found: tuple[Overview, Wanted, np.ndarray]) -> None:
        seen, wanted, rows = found
        if self.view is None or seen is not self.view.overview or wanted is not self.wanted:
            return
        if self.in_grid:
            self.grid.set_rows(seen, rows)
        else:
            self.table.set_rows(seen, rows)
        self.head.parts.set_value(wanted.part)
        some = len(rows) < seen.samples
        self.head.all.setVisible(some)
        if some:
            text = filled(self.tr("{n} of {all} rows"), n=len(rows), all=seen.samples)
            bar = wanted.bar
            if bar is not None:
                text += f" · {bar[0]} {bar_text(seen[bar[0]], bar[1]).rpartition(':')[0]}"
            self.rows_note.setText(text)
        else:
            self._show_notes(seen, self.columns.editable)
        self.side.parts.choose(wanted.part)
        self.side.balance.choose(self._class_of_bar())
        self.columns.choose_bar(*(wanted.bar or ("", None)))

    def _class_of_bar(self) -> int | None:
        view, bar = self.view, self.wanted.bar
        if view is None or bar is None or bar[0] != view.overview.target:
            return None
        bars = view.overview[bar[0]].bars
        name = bars.names[bar[1]] if bars is not None and bar[1] < len(bars.names) else ""
        return view.overview.classes.index(name) if name in view.overview.classes else None

    def _want(self, **changes: object) -> None:
        self.wanted = evolve(self.wanted, **changes)
        self._ask_rows()

    def show_all(self) -> None:
        """Show all rows again; their order stays."""
        self.head.field.set_value("")
        self._want(part=None, bar=None, rows=None, text="")

    def _choose_part(self, part: int | None) -> None:
        self._want(part=part)

    def _choose_bar(self, name: str, bar: int) -> None:
        self._want(bar=None if self.wanted.bar == (name, bar) else (name, bar))

    def _choose_class(self, number: int | None) -> None:
        view = self.view
        if view is None or number is None:
            self._want(bar=None)
            return
        bars = view.overview[view.overview.target].bars
        name = view.overview.classes[number]
        if bars is not None and name in bars.names:
            self._want(bar=(view.overview.target, bars.names.index(name)))

    def _sort(self, name: str, falling: bool) -> None:
        self._want(sort=name, falling=falling)

    def _search(self) -> None:
        self._want(text=self.head.field.text())

    def _show_found(self, finding: DataFinding) -> None:
        self._want(rows=finding.rows, part=None, bar=None)

    # ------------------------------------------------------------------ a network to begin with

    def _offer_soon(self, _: object) -> None:
        if self.isVisible():
            self._offers.start()

    def _offer(self) -> None:
        """Offer a network where there is none yet, or one that does not fit the data."""
        view, document = self.view, self.workspace.current
        data = document.project.data
        if view is None or view.overview.settings != data or view.overview.trouble is not None:
            self.side.network.withdraw()
            return
        empty, analysis = not document.project.graph.nodes, document.analysis
        fits = not empty and document.fresh and analysis is not None and not analysis.errors
        if fits or (document.key, data) in self._kept_for:
            self.side.network.withdraw()
        elif empty or document.fresh:
            self.side.network.ask(view.overview, not empty)

    def _keep_network(self) -> None:
        document = self.workspace.current
        self._kept_for.add((document.key, document.project.data))
        self._offer()

    def _draw_network(self, counts: dict[str, tuple[int, ...]]) -> None:
        if self.workspace.current.do(suggested, counts, label=Message("Draw the suggested network")):
            self.network_drawn.emit()

    # ------------------------------------------------------------------ edits

    def _do(self, data: DataSettings, label: Message, merge: object = None) -> None:
        self.workspace.current.do(edits.set_data, data, label=label, merge=merge)

    def set_role(self, name: str, role: str, also: bool = False) -> None:
        """Let a column be for something else: the only target, or one beside others."""
        data = self.workspace.current.project.data
        label = Message("Take {column} as {role}", column=name, role=Message(role))
        if role == "target" and not also:
            self.workspace.current.do(_retargeted, name, label=label)
        else:
            known = any(one.name == name for one in data.columns)
            self._do(with_role(data, name, role), label) if known else None

    def set_type(self, name: str, kind: ColumnType) -> None:
        """Take a column for something else, or let it become numbers otherwise."""
        data = self.workspace.current.project.data
        columns = tuple(one.with_setting("type", kind) if one.name == name else one for one in data.columns)
        label = Message("Take {column} as {kind}", column=name, kind=Message(kind.label()))
        self._do(data.with_setting("columns", columns), label, ("type", name))

    def _open_menu(self, one: ColumnOverview, part: str, place: QPoint) -> None:
        menu = column_menu(
            one,
            part,
            lambda kind: self.set_type(one.name, kind),
            lambda role, also: self.set_role(one.name, role, also),
            self,
        )
        if one.type is not None:
            menu.addSeparator()
            menu.addAction(self.tr("All settings…")).triggered.connect(partial(self._open_form, one, place))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _open_form(self, one: ColumnOverview, place: QPoint, _: bool = False) -> None:
        """Everything that can be set about how a column becomes numbers: the size of pictures, a rate …"""
        if one.type is not None:
            popup = ColumnForm(one.name, one.type, self)
            popup.type_wanted.connect(partial(self.set_type, one.name))
            popup.open_at(place)

    def _change(self, finding: DataFinding) -> None:
        if finding.change is not None and finding.verb is not None:
            self._do(finding.change, finding.verb)

    def _skip_unreadable(self) -> None:
        data = self.workspace.current.project.data
        self._do(data.with_setting("unreadable", "skip"), Message("Leave out what cannot be read"))

    def _open_how(self) -> None:
        popup = HowRead(self.workspace.current.project.data, self)
        popup.source_wanted.connect(self._read_otherwise)
        popup.data_wanted.connect(self._set_data)
        self.workspace.changed.connect(popup.show_anew)
        popup.open_at(self.head.how.mapToGlobal(QPoint(0, self.head.how.height() + 4)))

    def _read_otherwise(self, source: FileSource) -> None:
        self.source_wanted.emit(source)

    def _set_data(self, data: DataSettings, path: tuple[str, ...]) -> None:
        if isinstance(data.source, FileSource) and not data.source.path:
            self.open_wanted.emit()
            return
        label = Message("Set {setting}", setting=Message(path[-1].replace("_", " ")))
        self._do(data, label, ("data", path))


def _retargeted(project: Project, name: str) -> Project:
    """The edit that makes a column the only target. Raises `Trouble`."""
    return edits.set_data(project, retargeted(project.data, name))


def _named(sign: str) -> str:
    """A sign that parts fields or decimals, in a word."""
    from PySide6.QtCore import QCoreApplication

    translate = QCoreApplication.translate
    names = {
        ",": translate("data", "comma"),
        ";": translate("data", "semicolon"),
        "\t": translate("data", "tab"),
        ".": translate("data", "point"),
        "|": translate("data", "bar"),
        " ": translate("data", "space"),
    }
    return names.get(sign, sign)


def _titled(title: str, note: Label, *parts: QWidget) -> QWidget:
    """A part of the page: a head with a note, and what it is of."""
    holder = QFrame()
    head = QHBoxLayout()
    head.setContentsMargins(0, 0, 0, 0)
    head.setSpacing(theme.px(10))
    head.addWidget(Label(title, "title"))
    head.addWidget(note, 1)
    column = QVBoxLayout(holder)
    column.setContentsMargins(18, 14, 14, 0)
    column.setSpacing(theme.px(4))
    column.addLayout(head)
    for part in parts:
        column.addWidget(part)
    column.setStretchFactor(parts[-1], 1)
    return holder
