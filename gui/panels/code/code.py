"""The source that trains and the same network in Keras, following every edit, with the selected layers' lines
lit in both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QHBoxLayout, QStackedLayout, QWidget

from engine.files.atomic import write_text
from engine.message import Message, Trouble
from gui.background import Worker
from gui.controls import Button, EmptyState, Segmented, Separator
from gui.deferred import Deferred
from gui.panels.code.code_column import CodeColumn
from gui.panels.code.code_notes import CodeNotes
from gui.panels.code.code_proof import CodeProof
from gui.style import theme

if TYPE_CHECKING:
    from engine.analysis.results import Analysis
    from engine.codegen.keras.source import KerasSource
    from engine.codegen.source import SourceCode
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer

SMALL = 200
"""Layers up to which the source is written at once."""
LOW, WIDE = 360, 900
"""Px at 100 %: a panel lower than that and wider than this has its notes beside the code."""
TORCH, BOTH, KERAS = "torch", "both", "keras"


def _emitted(analysis: Analysis, both: bool) -> tuple[Analysis, SourceCode, KerasSource | None]:
    from engine.codegen.emit import emit
    from engine.codegen.keras.emit import emit_keras

    source = emit(analysis.project, analysis)
    return analysis, source, emit_keras(analysis.project, analysis) if both else None


class CodePanel(QWidget):
    """PyTorch source of the network in front, Keras source beside it or alone. Its `corner` chooses and
    saves. While hidden it costs nothing.
    """

    shown_source = Signal(object)
    """The `SourceCode` in PyTorch that now stands here."""

    def __init__(self, workspace: Workspace, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Code")
        self._own_choice = False
        self._arriving = False
        """Whether it has just come into sight, so that the selected lines should, too."""
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._build()
        self.worker = Worker(self)
        self.worker.done.connect(self._take)
        self.worker.failed.connect(self._failed)
        self.proof = CodeProof(workspace, trainer, self)
        self._later = Deferred(self._refresh, self)
        self.proof.changed.connect(self._proof_changed)
        workspace.analysed.connect(self._analysed)
        workspace.switched.connect(self._switched)
        workspace.selected.connect(self._selected)
        workspace.entered.connect(self._selected)

    def _build(self) -> None:
        self.torch = CodeColumn(
            "PyTorch", self.tr("what trains"), self.tr("Source code of the network"), self
        )
        self.keras = CodeColumn(
            "Keras 3", self.tr("functional"), self.tr("Source code of the network in Keras"), self
        )
        self.compare_button = Button(self.tr("Compare"), look="quiet")
        self.compare_button.setToolTip(
            self.tr("Run both with the same weights on 64 samples and see how far they are apart.")
        )
        self.compare_button.clicked.connect(self.compare)
        self.keras.head.insertWidget(2, self.compare_button)
        self.between = Separator(upright=True)
        self.notes = CodeNotes(self)
        for column in (self.torch, self.keras):
            column.layers_chosen.connect(self._layers_chosen)
            column.layers_chosen_inside.connect(self._layers_chosen_inside)
            column.copied.connect(self._copied)
        self.dialects = Segmented(
            [(TORCH, "PyTorch"), (BOTH, self.tr("Both")), (KERAS, "Keras")],
            TORCH,
            self.tr("Dialect of the code"),
        )
        self.dialects.value_changed.connect(self._dialect_chosen)
        self.save_button = Button(self.tr("Save code…"), "export", look="quiet")
        self.save_button.clicked.connect(self.ask_where_to_save)
        self.corner = QWidget()
        corner = QHBoxLayout(self.corner)
        corner.setContentsMargins(0, 0, theme.px(8), 0)
        corner.addStretch(1)
        corner.addWidget(self.dialects)
        corner.addWidget(self.save_button)
        pages = QWidget(self)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.torch, 1)
        row.addWidget(self.between)
        row.addWidget(self.keras, 1)
        self._column = QBoxLayout(QBoxLayout.Direction.TopToBottom, pages)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(row, 1)
        self._column.addWidget(self.notes)
        self.empty = EmptyState(
            self.tr("Draw an input and a layer; the code appears as you draw."), parent=self
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(pages)
        self._pages = pages
        self._place()
        self._show_state()

    @property
    def front(self) -> CodeColumn:
        """The column that is saved: PyTorch, unless Keras stands alone."""
        return self.keras if self.dialects.value() == KERAS else self.torch

    def _place(self) -> None:
        """Show the columns of the chosen dialects."""
        chosen = self.dialects.value()
        self.torch.setVisible(chosen != KERAS)
        self.keras.setVisible(chosen != TORCH)
        self.between.setVisible(chosen == BOTH)
        self.notes.setVisible(chosen != TORCH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low panel keeps its height for the code: how the two differ then stands beside it."""
        super().resizeEvent(event)
        beside = self.height() < theme.px(LOW) and self.width() > theme.px(WIDE)
        if beside != self.notes.beside:
            directions = QBoxLayout.Direction
            self._column.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
            self.notes.place(beside)

    def _dialect_chosen(self, dialect: object) -> None:
        self._place()
        self._arriving = True
        self._refresh()

    # ------------------------------------------------------------------ follow

    def _switched(self, document: object) -> None:
        self.torch.show_source(None)
        self.keras.show_source(None)
        self._later.start()

    def _analysed(self, analysis: object) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arriving = True
        self._refresh()

    def _refresh(self) -> None:
        """Write the present network, where it is known and shown; a large one beside the window."""
        analysis = self.workspace.current.analysis
        both = self.dialects.value() != TORCH
        if not self.isVisible() or analysis is None:
            self._show_state()
        elif len(analysis.project.graph.nodes) <= SMALL:
            self._take(_emitted(analysis, both))
        else:
            self.worker.run(lambda: _emitted(analysis, both))

    def _failed(self, error: Exception) -> None:
        raise error  # nothing a person did: the window's own handler tells of it

    def _take(self, emitted: tuple[Analysis, SourceCode, KerasSource | None]) -> None:
        analysis, source, keras = emitted
        if analysis is not self.workspace.current.analysis:
            return  # overtaken; a newer one is on its way
        self.torch.show_source(source)
        if keras is not None:
            self.keras.show_source(keras)
            self._show_keras_state(keras)
        self._show_state()
        self._light(follow=self._arriving)
        self._arriving = False
        self.shown_source.emit(source)

    def _show_state(self) -> None:
        source = self.torch.source
        there = source is not None and bool(source.lines)
        self._stack.setCurrentWidget(self._pages if there else self.empty)
        for button in (self.torch.copy_button, self.keras.copy_button, self.save_button):
            button.setEnabled(there)
        analysis = self.workspace.current.analysis
        if not there:
            self.torch.show_state("success", "", "")
        elif analysis is not None and analysis.trainable:
            self.torch.show_state(
                "success", self.tr("runs"), self.tr("This very text is executed when you train.")
            )
        else:
            self.torch.show_state(
                "warning", self.tr("unfinished"), self.tr("It runs when the problems are repaired.")
            )

    def _show_keras_state(self, source: KerasSource) -> None:
        """Say beside and beneath it how things stand with the Keras source."""
        agreement = self.proof.agreement_of(source)
        same, verdict, checked = self.proof.verdict(agreement) if agreement is not None else (True, "", "")
        self.notes.show_notes(source, self.workspace.current.project.graph, checked)
        self.compare_button.setVisible(source.complete and self.proof.outdated(source))
        if source.missing:
            number = len(source.missing)
            self.keras.show_state(
                "warning",
                self.tr("%n layer(s) without a form", "", number),
                self.tr("The code stops at the first of them; beneath stands why."),
            )
        elif not source.complete:
            self.keras.show_state(
                "warning", self.tr("unfinished"), self.tr("It runs when the problems are repaired.")
            )
        elif checked:
            self.keras.show_state("success" if same else "warning", verdict, checked)
        else:
            self.keras.show_state(
                "success",
                self.tr("whole"),
                self.tr("Every layer has a Keras form that gives the same numbers with the same weights."),
            )

    # ------------------------------------------------------------------ compare

    def compare(self) -> None:
        """Run both dialects with the same weights, in a process of its own."""
        source, analysis = self.keras.source, self.workspace.current.analysis
        if source is not None and analysis is not None and not self.proof.busy:
            self.proof.start(source, analysis.project)

    def _proof_changed(self) -> None:
        busy = self.proof.busy
        self.compare_button.setText(self.tr("Comparing…") if busy else self.tr("Compare"))
        self.compare_button.setEnabled(not busy)
        if self.workspace.current.analysis is not None:
            self._refresh()

    # ------------------------------------------------------------------ selection

    def _selected(self, ids: object) -> None:
        if self.isVisible():
            self._light(follow=not self._own_choice)

    def _light(self, follow: bool) -> None:
        for column in (self.torch, self.keras):
            document = self.workspace.current
            follows = follow or not column.view.hasFocus()
            column.light(document.selection, follows, document.level.path)

    def _layers_chosen(self, ids: list[str]) -> None:
        self.workspace.current.level.open(())
        self._layers_chosen_inside(ids)

    def _layers_chosen_inside(self, ids: list[str]) -> None:
        self._own_choice = True
        self.workspace.current.select(ids)
        self.workspace.reveal.emit(frozenset(ids))
        self._own_choice = False

    # ------------------------------------------------------------------ take it along

    def text(self) -> str:
        """The source in front as it would be written to a file."""
        return self.front.text()

    def _copied(self) -> None:
        self.workspace.notice.emit(Message("The code is on the clipboard"))

    def ask_where_to_save(self) -> None:
        """Ask for a file and write the source there."""
        source = self.front.source
        if source is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save code"), f"{source.class_name.lower()}.py", self.tr("Python (*.py)")
        )
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the source to a file; what goes wrong is said as a sentence."""
        try:
            write_text(path, self.text())
        except Trouble as trouble:
            self.workspace.notice.emit(trouble)
            return
        self.workspace.notice.emit(Message("The code is saved as {name}", name=path.name))
