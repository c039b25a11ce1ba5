"""How the network is trained: optimiser, schedule, epochs and the rest of the recipe."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine import edits
from engine.analysis.warnings import measures
from engine.data.prepare import schema
from engine.data.split import sizes
from engine.message import Illegal, Message, Trouble
from engine.project.recipe import Recipe
from engine.training.changes import changes
from gui.controls import Button, Form, Section
from gui.deferred import Deferred
from gui.forms.fields import Context
from gui.forms.kind_form import KindForm, SettingPath, with_setting
from gui.forms.kind_lines import KindLines
from gui.panels.training.rate_curve import RateCurve
from gui.plots.measures import titled
from gui.style import theme
from gui.text.kind_help import translated
from gui.text.words import exact, filled, words

if TYPE_CHECKING:
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer


class RecipePanel(QScrollArea):
    """The right dock's "Training" tab. Every change is an edit that undo takes back."""

    def __init__(
        self, workspace: Workspace, trainer: Trainer | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self._trainer = trainer
        self.panel_title = self.tr("Training")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("How the network is trained"))
        inside = QWidget()
        inside.setProperty("ground", "panel")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.form = KindForm(Recipe, parent=inside)
        self.form.changed.connect(self._set)
        self.form.finished.connect(self._seal)
        holder = QVBoxLayout()
        holder.setContentsMargins(theme.PANEL_PADDING, 10, theme.PANEL_PADDING, 8)
        holder.addWidget(self.form)
        self.apply = Button(
            self.tr("Apply to the training under way"),
            tip=self.tr(
                "Let it go on with this rate, batch size and these rules for stopping, from the next step on "
                "(the batch size from the next epoch on); the run remembers what was changed and when"
            ),
            parent=inside,
        )
        self.apply.clicked.connect(self._apply)
        self.apply.hide()
        holder.addWidget(self.apply)
        rate = Section(self.tr("Learning rate"))
        self.curve = RateCurve()
        rate.add(self.curve)
        length = Section(self.tr("Length"))
        facts = Form()
        length.add(facts)
        self.per_epoch = facts.fact(self.tr("Steps per epoch"))
        self.steps = facts.fact(self.tr("Steps in all"))
        self.optimiser = Section(self.tr("Optimiser")), KindLines()
        self.schedule = Section(self.tr("Schedule")), KindLines()
        for section, lines in (self.optimiser, self.schedule):
            section.add(lines)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(holder)
        column.addWidget(rate)
        column.addWidget(length)
        column.addWidget(self.optimiser[0])
        column.addWidget(self.schedule[0])
        column.addStretch(1)
        self.setWidget(inside)
        self._later = Deferred(self.refresh, self)
        workspace.changed.connect(self._soon)
        workspace.switched.connect(self._soon)
        workspace.training_changed.connect(self._soon)
        workspace.kinds_changed.connect(self._show_anew)

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
        """Show the recipe of the network in front."""
        project = self.workspace.current.project
        context = Context(measures=self._measures())
        if self.form.kind is not project.recipe or self.form.context() != context:
            self.form.show_kind(project.recipe, context)
        trained = self.workspace.current.in_training
        self.form.show_waiting(trained.recipe if trained is not None else None)
        live = trained is not None and bool(changes(trained.recipe, project.recipe))
        self.apply.setVisible(live and self._trainer is not None)
        self.curve.set_recipe(project.recipe)
        for (section, lines), kind in (
            (self.optimiser, project.recipe.optimiser),
            (self.schedule, project.recipe.schedule),
        ):
            section.note.setText(translated(kind.label()))
            lines.show_kind(kind)
        self._show_length()

    def _measures(self) -> tuple[tuple[str, str], ...]:
        """What can be watched: what is measured, and what the recipe names all the same."""
        project = self.workspace.current.project
        names = dict.fromkeys((*measures(project), project.recipe.watch))
        return tuple((name, titled(name)) for name in names)

    def _show_length(self) -> None:
        project = self.workspace.current.project
        try:
            samples = sizes(schema(project.data), project.data).train
        except Trouble:
            self.per_epoch.set("?")
            self.steps.set("?")
            return
        steps = ceil(samples / project.recipe.samples_a_step(samples))
        self.per_epoch.set(exact(steps), filled(self.tr("{number} sample{number:|s}"), number=samples))
        self.steps.set(exact(steps * project.recipe.epochs))

    def _set(self, path: SettingPath, value: object) -> None:
        document = self.workspace.current
        try:
            recipe = with_setting(document.project.recipe, path, value)
        except Illegal as refused:
            self.form.error(path, words(refused))
            return
        self.form.kind = None  # the field is ahead of the form: an undo before the next refresh must show
        label = Message("Set {setting}", setting=Message(path[-1].replace("_", " ")))
        document.do(edits.set_recipe, recipe, label=label, merge=("recipe", path))

    def _apply(self) -> None:
        if self._trainer is not None:
            self._trainer.change(self.workspace.current)

    def _seal(self) -> None:
        self.workspace.current.seal()
