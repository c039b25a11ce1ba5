"""Takes a trained network out: which run, in which form, to which file; and proves that the file
computes the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from engine.exports import FORMATS, Export, Format, Proof, start
from engine.files.checked_json import file_path
from engine.message import Trouble
from engine.runs.shelf import Shelf, slug
from gui import settings
from gui.background import Worker
from gui.controls import (
    Banner,
    Button,
    ChoiceField,
    EmptyState,
    Form,
    Label,
    Segmented,
    TextField,
    ThinBar,
    question,
)
from gui.controls.dialog import Dialog
from gui.controls.question import Reply
from gui.panels.runs.run_rows import RunRow, read_rows
from gui.style import theme
from gui.text.words import figure, plain, value_text, words

if TYPE_CHECKING:
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer

POLL = 100
"""Milliseconds between two looks at how far an export is."""


class ExportDialog(Dialog):
    """Exports a run of the network in front, or of `folder`. The work is done in a process of its own."""

    def __init__(
        self,
        workspace: Workspace,
        trainer: Trainer,
        parent: QWidget | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._trainer = workspace, trainer
        self._folder = folder
        self.start: Callable[[Path, Path], Export] = start
        self.ask: Callable[[str, str, Sequence[Reply]], str] = self._ask
        self.ask_path: Callable[[str], str] = self._ask_path
        self.export: Export | None = None
        self.proof: Proof | None = None
        self.runs: list[RunRow] = []
        self._confirmed: Path | None = None
        self.setWindowTitle(self.tr("Export"))
        self.set_least_width(560)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL)
        self._timer.timeout.connect(self._poll)
        self._worker = Worker(self)
        self._worker.done.connect(self._read)
        self._worker.failed.connect(self._failed)
        self._worker.run(partial(_exportable, settings.runs_folder()))
        self._refresh()

    # ------------------------------------------------------------------ parts

    def _build(self) -> None:
        self.empty = EmptyState(
            self.tr("Nothing to export yet. Train; each run keeps weights that can be exported.")
        )
        self.empty.hide()
        self.form = Form()
        self.run = ChoiceField((), name=self.tr("Run"))
        self.run.value_changed.connect(self._run_chosen)
        self.format = Segmented(
            [(format.ending, format.ending) for format in FORMATS], name=self.tr("Format")
        )
        self.format.value_changed.connect(self._format_chosen)
        self.path = TextField("", name=self.tr("File"), tail=True)
        self.path.value_changed.connect(self._path_typed)
        self.browse = Button(self.tr("Choose…"))
        self.browse.clicked.connect(self._browse)
        file = QWidget()
        row = QHBoxLayout(file)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        self.form.add(self.tr("Run"), self.run)
        self.form.add(self.tr("Format"), self.format)
        self.form.add(self.tr("File"), file)
        self.about = Label("", "hint", "text2", wrap=True)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.caution = Label("", "body", "warning", wrap=True, selectable=True)
        self.progress = Label("", "body", "text2")
        self.bar = ThinBar()
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.banner = Banner()
        self.banner.hide()
        self.go = Button(self.tr("Export"), "export", look="primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self._go)
        self.close_button = Button(self.tr("Close"))
        self.close_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.progress, 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(theme.px(8))
        column.addWidget(Label(self.tr("Export a trained network"), "card"))
        for widget in (self.empty, self.form, self.about):
            column.addWidget(widget)
        column.addWidget(self.bar)
        column.addLayout(buttons)
        # below the buttons: what comes and goes does not move what the hand is on
        for widget in (self.caution, self.banner):
            column.addWidget(widget)
        column.addStretch(1)

    # ------------------------------------------------------------------ which run

    def _read(self, rows: list[RunRow]) -> None:
        self.runs = rows
        chosen = self._first_choice()
        best = self._best()
        self.run.set_options([(str(row.folder), self._run_words(row, row is best)) for row in rows])
        if chosen is not None:
            self.run.set_value(str(chosen.folder))
            self.path.set_value(str(self._proposal(chosen)))
        self._refresh()

    def _run_words(self, row: RunRow, best: bool) -> str:
        epoch = plain(round(row.kept_epoch, 1)) if row.kept_epoch is not None else "?"
        text = self.tr("run {number} (best), {name}, weights of epoch {epoch}") if best else None
        text = text or self.tr("run {number}, {name}, weights of epoch {epoch}")
        text = text.format(number=row.number, name=row.title, epoch=epoch)
        if row.validation is None:
            return text
        return text + ", " + self.tr("validation loss {loss}").format(loss=figure(row.validation))

    def _best(self) -> RunRow | None:
        """The run of the network in front with the least validation loss, among several that ended well on
        the data of the newest.
        """
        runs = [row for row in self.runs if row.title == self._workspace.current.title and row.whole]
        runs = [row for row in runs if row.validation is not None and row.data == runs[0].data]
        return min(runs, key=lambda row: row.validation or 0.0) if len(runs) > 1 else None

    def _first_choice(self) -> RunRow | None:
        """The run asked for or opened, else the best one of the network in front, else its last one, else
        the newest of its name, or at all.
        """
        document, best = self._workspace.current, self._best()
        weights = self._trainer.last_runs.weights_of(document)
        last = weights.folder if weights is not None else None
        asked = self._folder or (last if document.run_number is not None else None)
        for fits in (
            lambda row: row.folder == asked,
            lambda row: row is best,
            lambda row: row.folder == last,
            lambda row: row.title == document.title,
            lambda row: True,
        ):
            match = next((row for row in self.runs if fits(row)), None)
            if match is not None:
                return match
        return None

    @property
    def chosen(self) -> RunRow | None:
        """The run that would be exported."""
        return next((row for row in self.runs if str(row.folder) == self.run.value()), None)

    @property
    def _format(self) -> Format:
        return next(format for format in FORMATS if format.ending == self.format.value())

    def _proposal(self, row: RunRow) -> Path:
        document, last = self._workspace.current, settings.remembered("export_folder", file_path())
        folder = Path(last) if last is not None and Path(last).is_dir() else None
        if folder is None:
            folder = document.path.parent if document.path is not None else Path.home()
        stem = slug(row.title)
        # a Python file is imported by its name
        return (
            folder
            / f"{stem.replace('-', '_') if self.format.value() == '.py' else stem}{self.format.value()}"
        )

    # ------------------------------------------------------------------ changes

    def _forget_proof(self) -> None:
        """What was said of another file does not stand beside this one."""
        if self.export is None:
            self.proof = None
            self.banner.hide()

    def _run_chosen(self, _: object) -> None:
        self._forget_proof()
        if self.chosen is not None:
            self.path.set_value(str(self._proposal(self.chosen)))
        self._refresh()

    def _format_chosen(self, ending: str) -> None:
        self._forget_proof()
        path = Path(self.path.value())
        old = next((one.ending for one in FORMATS if path.name.endswith(one.ending)), "")
        if old:
            self.path.set_value(str(path.with_name(path.name[: -len(old)] + ending)))
        elif self.chosen is not None:
            self.path.set_value(str(self._proposal(self.chosen)))
        self._refresh()

    def _path_typed(self, text: str) -> None:
        self._forget_proof()
        for format in FORMATS:
            if text.endswith(format.ending):
                self.format.set_value(format.ending)
        self._refresh()

    def _browse(self) -> None:
        path = self.ask_path(self.path.value())
        if path:
            if not any(path.endswith(format.ending) for format in FORMATS):
                path += self.format.value()
            self._confirmed = Path(path)  # the system's dialog has asked about overwriting
            self.path.set_value(path)
            self._path_typed(path)

    def _refresh(self) -> None:
        running, any_runs = self.export is not None, bool(self.runs)
        self.empty.setVisible(not any_runs and not self._worker.busy)
        self.form.setVisible(any_runs)
        self.about.setVisible(any_runs)
        self.form.setEnabled(not running)
        self.bar.setVisible(running)
        self.go.setEnabled(any_runs and not running and bool(self.path.value().strip()))
        self.close_button.setText(self.tr("Cancel") if running else self.tr("Close"))
        self._say_what_is_written()
        caution = self.chosen.caution if self.chosen is not None else None
        self.caution.setText(words(caution) if caution is not None else "")
        self.caution.setVisible(caution is not None)

    def _say_what_is_written(self) -> None:
        name = Path(self.path.value() or "network").name
        stem = next((name.removesuffix(one.ending) for one in FORMATS if name.endswith(one.ending)), None)
        texts = {one.ending: self._about(one, stem) for one in FORMATS}
        self.about.setText(texts[self._format.ending])
        # room for the longest of them, so that another format moves nothing
        room = QRect(0, 0, self.about.width(), 10_000)
        heights = [
            self.about.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()
            for text in texts.values()
        ]
        self.about.setMinimumHeight(max(heights))

    def _about(self, format: Format, stem: str | None) -> str:
        files = format.files(stem + format.ending) if stem is not None else ()
        also = self.tr("Writes {files}.").format(files=", ".join(files)) if files else ""
        return f"{words(format.doc)}. {also}".strip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._say_what_is_written()

    # ------------------------------------------------------------------ exporting

    def _go(self) -> None:
        row, path = self.chosen, Path(self.path.value().strip()).expanduser()
        if row is None or self.export is not None:
            return
        if path.exists() and path != self._confirmed and not self._may_overwrite(path):
            return
        self.banner.hide()
        self.proof = None
        try:
            self.export = self.start(row.folder, path)
        except Trouble as trouble:
            self._failed(trouble)
            return
        settings.remember("export_folder", str(path.absolute().parent))
        self.bar.set_share(0.0)
        self.progress.setText(self.tr("Starting"))
        self._timer.start()
        self._refresh()

    def _may_overwrite(self, path: Path) -> bool:
        choices = (Reply("", self.tr("Cancel")), Reply("overwrite", self.tr("Overwrite"), primary=True))
        title = self.tr("{name} exists already").format(name=path.name)
        return self.ask(title, self.tr("Overwriting it loses what it holds."), choices) == "overwrite"

    def _poll(self) -> None:
        export = self.export
        if export is None:
            self._timer.stop()
            return
        done = export.done  # asked first: what it tells last, it tells before it is done
        for share, message in export.poll():
            self.bar.set_share(share)
            self.progress.setText(words(message))
        if not done:
            return
        self._timer.stop()
        self.export, self._confirmed = None, export.path
        self.progress.setText("")
        try:
            self.proof = export.result(0)
        except Trouble as trouble:
            self._failed(trouble)
        else:
            self._succeeded(export.path, self.proof)
        self._refresh()

    def _succeeded(self, path: Path, proof: Proof) -> None:
        text = self.tr(
            "{name} computes the same as the network: opened in {runtime}, the largest difference on {rows} "
            "validation samples, in batches of {sizes}, is {largest}; at most {allowed} is allowed. "
            "The proof is {proof}."
        ).format(
            name=path.name,
            runtime=proof.runtime,
            rows=proof.rows,
            sizes=self.tr(" and ").join(value_text(size) for size in proof.batch_sizes),
            largest=figure(proof.largest, 2),
            allowed=figure(proof.allowed, 2),
            proof=self._format.files(path.name)[-1],
        )
        self.banner.set(text, "success", ((self.tr("Show folder"), partial(_show, path.absolute().parent)),))
        self.banner.show()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self.banner.set(words(error), "error")
        self.banner.show()
        self._refresh()

    def reject(self) -> None:
        """Close; while an export goes on, cancel that instead."""
        if self.export is None:
            super().reject()
        else:
            self.progress.setText(self.tr("Cancelling"))
            # it waits for the process to end, which may take a moment
            threading.Thread(target=self.export.cancel, name="cancel-export", daemon=True).start()

    # ------------------------------------------------------------------ questions

    def _ask(self, title: str, text: str, choices: Sequence[Reply]) -> str:
        return question.ask(self, title, text, choices)

    def _ask_path(self, path: str) -> str:
        kinds = ";;".join(f"{words(format.title)} (*{format.ending})" for format in FORMATS)
        chosen = f"{words(self._format.title)} (*{self._format.ending})"
        return QFileDialog.getSaveFileName(self, self.tr("Export to"), path, kinds, chosen)[0]


def _exportable(folder: Path) -> list[RunRow]:
    return [
        row for row in read_rows(Shelf(folder)) if row.weighted and row.state not in {"broken", "running"}
    ]


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
