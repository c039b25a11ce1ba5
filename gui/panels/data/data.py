"""The data a network learns from: which set, how it is split and scaled, and what it looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine import edits
from engine.data.own.file_source import FileSource
from engine.data.own.folder_files import FolderFiles
from engine.data.prepare import prepare, unshared_classes
from engine.data.prepare import schema as schema_of
from engine.data.settings import DataSettings
from engine.data.split import LEAST_TEST, sizes
from engine.message import Illegal, Message, Trouble
from gui.background import Worker
from gui.controls import Banner, Button, Form, Label, Section
from gui.deferred import Deferred
from gui.forms.kind_form import KindForm, SettingPath, with_setting
from gui.panels.data.fetch import FetchSet
from gui.panels.data.samples import Samples, SamplesView, first_samples
from gui.style import theme
from gui.text.kind_help import source_line, translated
from gui.text.words import exact, filled, percent, words

if TYPE_CHECKING:
    from engine.data.schema import Column, Schema
    from gui.document.workspace import Workspace


class DataPanel(QScrollArea):
    """The left dock's "Data" tab: a summary of the data page. Samples are read in a thread, and only while
    the panel is in sight.
    """

    open_wanted = Signal(object)
    """Data of the person's own is wanted: whether it is a folder."""
    page_wanted = Signal()
    """The whole page of the data is wanted."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Data")
        self.shown: DataSettings | None = None
        """The settings whose samples are on the screen."""
        self._asked: DataSettings | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("The data of the network"))
        self.worker = Worker(self)
        self.worker.done.connect(self._take)
        self.worker.failed.connect(self._not_read)
        self._build()
        self._later = Deferred(self.refresh, self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(150)  # while one types or steps, nothing is read for every value in between
        self._pause.timeout.connect(self._ask)
        workspace.changed.connect(self._soon)
        workspace.switched.connect(self._soon)
        workspace.training_changed.connect(self._soon)
        workspace.kinds_changed.connect(self._show_anew)

    def _build(self) -> None:
        inside = QWidget()
        inside.setProperty("ground", "panel")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.form = KindForm(DataSettings, parent=inside)
        self.form.changed.connect(self._set)
        self.form.finished.connect(self._seal)
        self.about = Label("", "hint", "text3", wrap=True)
        self.whole = Button(self.tr("All columns and samples"), "table", look="quiet")
        self.whole.clicked.connect(self.page_wanted)
        self.trouble = Banner("", "error")
        self.trouble.hide()
        holder = QVBoxLayout()
        holder.setContentsMargins(theme.PANEL_PADDING, 10, theme.PANEL_PADDING, 8)
        holder.setSpacing(6)
        self.fetch = FetchSet()
        self.fetch.fetched.connect(self._read_anew)
        for part in (self.form, self.about, self.whole, self.trouble, self.fetch):
            holder.addWidget(part)
        parts = Section(self.tr("Parts"))
        facts = Form()
        parts.add(facts)
        self.train = facts.fact(self.tr("Train"))
        self.validation = facts.fact(self.tr("Validation"))
        self.test = facts.fact(self.tr("Test"))
        self.raised = Label("", "hint", "text3", wrap=True)
        self.raised.hide()
        parts.add(self.raised)
        self.unshared = Label("", "hint", "text3", wrap=True)
        self.unshared.hide()
        parts.add(self.unshared)
        columns = Section(self.tr("Columns"))
        self.columns = Label("", "body", "text2", wrap=True, selectable=True)
        columns.add(self.columns)
        self.first = Section(self.tr("First samples"))
        self.reading = Label("", "hint", "text3", wrap=True)
        self.view = SamplesView()
        self.first.add(self.reading)
        self.first.add(self.view)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(holder)
        origin = Section(self.tr("Where it comes from"))
        self.origin = Label("", "hint", "text3", wrap=True, selectable=True)
        origin.add(self.origin)
        for section in (parts, columns, self.first, origin):
            column.addWidget(section)
        column.addStretch(1)
        self.setWidget(inside)

    # ------------------------------------------------------------------ show

    def _show_anew(self, _: object) -> None:
        self.form.kind = None  # others can be chosen now
        self._soon(None)

    def _soon(self, _: object) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the data settings of the network in front."""
        data, trained = self.workspace.current.project.data, self.workspace.current.in_training
        if self.form.kind is not data:
            self._show_data(data)
        self.form.show_waiting(trained.data if trained is not None else None)

    def _show_data(self, data: DataSettings) -> None:
        self.form.show_kind(data)
        source = data.source
        self.about.setText("\n".join((translated(source.doc()), translated(source.use))))
        self.origin.setText(source_line(source))
        self._show_facts(data)
        self.fetch.show_source(source)
        if data != self._asked:
            if self.shown is None or self.shown.source != data.source:
                self._show_reading()
            self._pause.start()

    def _show_facts(self, data: DataSettings) -> None:
        """What is known without reading: the parts and the columns."""
        self.trouble.hide()
        self.raised.hide()
        self.unshared.hide()
        try:
            schema = schema_of(data)
            self.columns.setText("\n".join(self._column_lines(schema)))
            count = sizes(schema, data)
        except Trouble as trouble:
            self._show_trouble(trouble)
            for fact in (self.train, self.validation, self.test):
                fact.set("?")
            return
        for fact, number in (
            (self.train, count.train),
            (self.validation, count.validation),
            (self.test, count.test),
        ):
            fact.set(exact(number), percent(number / schema.samples))
        if schema.own_test:
            self.test.set(exact(count.test), self.tr("its own"))
        if count.raised:
            text = self.tr(
                "Test holds {least} samples, more than its share: fewer say little about a network."
            )
            self.raised.setText(text.format(least=LEAST_TEST))
            self.raised.show()

    def _column_lines(self, schema: Schema) -> list[str]:
        def line(column: Column, role: str) -> str:
            facts = [role] if role else []
            if column.shape:
                facts.append(str(column.shaped))
            if column.classes:
                facts.append(filled(self.tr("{number} class{number:|es}"), number=len(column.classes)))
            if column.unit:
                facts.append(column.unit)
            text = f"{column.name} ({', '.join(facts)})"
            return f"{text}: {column.doc}" if column.doc else text

        roles = {name: self.tr("input") for name in schema.inputs} | {schema.target: self.tr("target")}
        return [line(column, roles.get(name, "")) for name, column in schema.columns.items()]

    def _show_trouble(self, trouble: Trouble) -> None:
        self.trouble.set(words(trouble), "error")
        self.trouble.show()

    # ------------------------------------------------------------------ samples

    def _show_reading(self) -> None:
        self.reading.setText(self.tr("Reading…"))
        self.reading.show()
        self.view.set_samples(Samples())

    def _ask(self) -> None:
        """Read what is shown, in a thread."""
        data = self.workspace.current.project.data
        self._asked = data

        def task() -> tuple[DataSettings, Samples | Trouble, tuple[str, ...]]:
            try:
                prepared = prepare(data)
                return data, first_samples(prepared), unshared_classes(prepared)
            except Trouble as trouble:
                return data, trouble, ()

        self.worker.run(task)

    def _take(self, result: tuple[DataSettings, Samples | Trouble, tuple[str, ...]]) -> None:
        data, samples, unshared = result
        if data != self.workspace.current.project.data:
            return
        self._show_unshared(unshared)
        self.shown = data
        self.reading.hide()
        if isinstance(samples, Trouble):
            self._show_trouble(samples)
            self.view.set_samples(Samples())
        else:
            self.view.set_samples(samples)

    def _show_unshared(self, classes: tuple[str, ...]) -> None:
        """Say of which classes there are too few for every part to have one."""
        text = self.tr("Each part should have samples of every class, but there are too few of {classes}.")
        named = ", ".join(classes[:5]) + (" …" if len(classes) > 5 else "")
        self.unshared.setText(text.format(classes=named))
        self.unshared.setVisible(bool(classes))

    def _read_anew(self) -> None:
        """Show the samples of a set that was not there before."""
        self._asked = self.shown = None
        self._show_data(self.workspace.current.project.data)

    def _not_read(self, error: Exception) -> None:
        raise error  # not a person's mistake: let the window's own handler tell of it

    # ------------------------------------------------------------------ edit

    def _set(self, path: SettingPath, value: object) -> None:
        document = self.workspace.current
        try:
            data = with_setting(document.project.data, path, value)
        except Illegal as refused:
            self.form.error(path, words(refused))
            return
        self.form.kind = None  # the field is ahead of the form: an undo before the next refresh must show
        if isinstance(data.source, FileSource) and not data.source.path:
            self.form.kind = None
            self._later.start()
            self.open_wanted.emit(isinstance(data.source, FolderFiles))
            return
        label = Message("Set {setting}", setting=Message(path[-1].replace("_", " ")))
        document.do(edits.set_data, data, label=label, merge=("data", path))

    def _seal(self) -> None:
        self.workspace.current.seal()
