"""The steps that a column goes on its way to the network: their list, the settings of one, and real samples
before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from engine.data.overview import ColumnOverview, Overview
from engine.data.prepare import Prepared
from engine.data.sample_looks import SampleLook, looked_at, sample_look
from engine.data.settings import DataSettings
from engine.data.steps import of_column, offered, with_steps
from engine.data.transforms.transform import Transform
from engine.message import Illegal, Message, Trouble
from gui.background import Worker
from gui.controls import Button, ChoiceField, Label
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.forms.kind_form import KindForm, SettingPath, with_setting
from gui.panels.data_page.tiles import paint_tile
from gui.style import theme
from gui.text.kind_help import tip, translated
from gui.text.words import words

DRAWS = 5
"""How often a sample is shown as it may be in training."""
LINE = 30
GRIP = 6
"""px that the mouse moves before a step is taken along."""


def looks(prepared: Prepared, name: str, row: int) -> list[SampleLook]:
    """A sample of the training part as it is, then as it may be in training. May run in a thread."""
    from engine.data.preview import before_and_after  # it imports torch

    before, after = before_and_after(prepared, name, np.array([row]), DRAWS)
    values = np.concatenate([before, after[:, 0]])
    seen = ColumnOverview(name, name, "input", "", values, column=prepared.schema.columns[name])
    signs = prepared.signs(name)
    return [sample_look(seen, place, 96, signs) for place in range(len(values))]  # type: ignore[arg-type]  # it only decodes


class StepStrip(QWidget):
    """A real sample, an arrow, and what training may see of it. A click takes another sample."""

    another_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.looks: Sequence[SampleLook] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("A sample before and after the steps"))
        self.setToolTip(
            self.tr("A sample of the training part, and what the network may see of it; click for another")
        )

    def show_looks(self, found: Sequence[SampleLook]) -> None:
        self.looks = found
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(46))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.another_wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.looks:
            return
        painter, gap, arrow = brush(self), theme.px(6), theme.px(22)
        wide = (self.width() - arrow - (len(self.looks) - 1) * gap) / len(self.looks)
        side = min(wide, self.height())
        left = 0.0
        for place, look in enumerate(self.looks):
            box = QRectF(left, (self.height() - side) / 2, side, side)
            painter.setPen(Qt.PenStyle.NoPen)
            frame(painter, box, 2, theme.current().track)
            paint_tile(painter, box, look)
            left += side + gap
            if place == 0:
                painter.setPen(theme.current().text3)
                middle, right = self.height() / 2, left + arrow - gap
                painter.drawLine(QPointF(left + 2, middle), QPointF(right - 4, middle))
                painter.drawLine(QPointF(right - 8, middle - 4), QPointF(right - 4, middle))
                painter.drawLine(QPointF(right - 8, middle + 4), QPointF(right - 4, middle))
                left += arrow


class StepLine(QAbstractButton):
    """One step: a grip to drag it by, its name, what is chosen, and when it is made. A click opens its
    settings; Alt with an arrow moves it, Delete takes it out.
    """

    moved = Signal(int)
    """By how many places it is to be moved."""
    removed = Signal()

    def __init__(self, step: Transform, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = step
        self._pressed: QPoint | None = None
        self.dragged = 0
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._key_focus = KeyFocus(self)
        self.show_step(step)

    def show_step(self, step: Transform) -> None:
        """Show a step of the same kind."""
        self.step = step
        self.setText(translated(step.label()))
        self.setToolTip(tip(step))
        self.setAccessibleName(f"{self.text()}, {words(step.in_words())}, {self.when}")
        self.update()

    @property
    def when(self) -> str:
        """When the step is made, in words."""
        return self.tr("training only") if self.step.training_only else self.tr("always")

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(LINE))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed, self.dragged = event.position().toPoint(), 0
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            way = event.position().y() - self._pressed.y()
            if abs(way) > theme.px(GRIP):
                self.dragged = round(way / self.height())
                self.setDown(False)
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        self.unsetCursor()
        places, self.dragged = self.dragged, 0
        super().mouseReleaseEvent(event)
        if places:
            self.moved.emit(places)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.removed.emit()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter, rect = theme.current(), brush(self), QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            frame(painter, rect, 4, worn.accent_ground if self.isChecked() else worn.hover)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(worn.text3)
        for column in range(2):
            for row in range(3):
                place = QPointF(theme.px(8) + 5 * column, rect.center().y() + 5 * (row - 1))
                painter.drawEllipse(place, 1, 1)
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text3)
        inner = rect.adjusted(theme.px(24), 0, -theme.px(6), 0)
        painter.drawText(inner, flags | Qt.AlignmentFlag.AlignRight, self.when)
        room = inner.width() - QFontMetrics(painter.font()).horizontalAdvance(self.when) - theme.px(10)
        painter.setFont(theme.font("title"))
        painter.setPen(worn.text1)
        metrics = QFontMetrics(painter.font())
        name = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, max(0, int(room)))
        painter.drawText(inner, flags, name)
        used = metrics.horizontalAdvance(name) + theme.px(10)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        chosen = QFontMetrics(painter.font()).elidedText(
            words(self.step.in_words()), Qt.TextElideMode.ElideRight, max(0, int(room - used))
        )
        painter.drawText(inner.adjusted(used, 0, 0, 0), flags, chosen)
        if self._key_focus.shown():
            ring(painter, rect, 4)


class StepList(QFrame):
    """The steps of one column, which can be chosen where there are several."""

    data_wanted = Signal(object, object, object)
    """`DataSettings` with other steps, what the edit is called, and with which edit before it is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.data: DataSettings | None = None
        self.column = ""
        self.lines: list[StepLine] = []
        self.form: KindForm | None = None
        self.opened: int | None = None
        self._view: Overview | None = None
        self._row = 0
        self._worker = Worker(self)
        self._worker.done.connect(self._show_looks)
        self._worker.failed.connect(self._raise)
        self.choice = ChoiceField(())
        self.choice.setAccessibleName(self.tr("The column whose steps are shown"))
        self.choice.value_changed.connect(self._choose_column)
        self.add = Button(self.tr("+ Add a step"), look="link")
        self.add.clicked.connect(self._open_menu)
        self.trouble = Label("", "hint", "error", wrap=True)
        self.trouble.hide()
        self.strip = StepStrip()
        self.strip.another_wanted.connect(self._another)
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(Label(self.tr("On the way to the network"), "title"), 1)
        head.addWidget(self.choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addLayout(head)
        self._listed = QVBoxLayout()
        self._listed.setSpacing(0)
        column.addLayout(self._listed)
        column.addWidget(self.trouble)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.strip)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    @property
    def steps(self) -> tuple[Transform, ...]:
        """Those of the column that is shown."""
        return of_column(self.data, self.column).transforms if self.data is not None else ()

    def show_view(self, view: Overview) -> None:
        """Show the steps of some data, which may be the same with others."""
        data = self.data = view.settings
        self._view = view
        names = list(dict.fromkeys(one.settings for one in view.columns if one.role == "input"))
        names = [name for name in names if of_column(data, name).transforms or offered(data, name)]
        self.setVisible(bool(names) and view.whole)
        if not names:
            return
        if self.column not in names:
            likely = looked_at(view).settings
            self.column, self.opened = likely if likely in names else names[0], None
        self.choice.set_options([(name, name) for name in names])
        self.choice.set_value(self.column)
        self.choice.setVisible(len(names) > 1)
        self._show_steps()

    def _show_steps(self) -> None:
        steps = self.steps
        self.trouble.hide()
        if [type(line.step) for line in self.lines] == [type(step) for step in steps]:
            for line, step in zip(self.lines, steps, strict=True):
                line.show_step(step)
        else:
            self._close_form()
            for line in self.lines:
                line.hide()
                line.deleteLater()
            self.lines = [self._line(place, step) for place, step in enumerate(steps)]
            for line in self.lines:
                self._listed.addWidget(line)
        if self.opened is not None and self.opened >= len(steps):
            self.opened = None
        for place, line in enumerate(self.lines):
            line.setChecked(place == self.opened)
        self._show_form()
        self._ask_looks()

    def _line(self, place: int, step: Transform) -> StepLine:
        line = StepLine(step)
        line.clicked.connect(partial(self._open, place))
        line.moved.connect(partial(self._move, place))
        line.removed.connect(partial(self.take_out, place))
        return line

    # ------------------------------------------------------------------ settings of one

    def _open(self, place: int, _: bool = False) -> None:
        self._close_form()
        self.opened = None if self.opened == place else place
        self._show_steps()

    def _show_form(self) -> None:
        if self.opened is None:
            self._close_form()
            return
        step = self.steps[self.opened]
        if self.form is None:
            self.form = KindForm(type(step))
            self.form.changed.connect(self._set)
            self._listed.insertWidget(self.opened + 1, self.form)
        self.form.show_kind(step)

    def _close_form(self) -> None:
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
            self.form = None

    def _set(self, path: SettingPath, value: object) -> None:
        place = self.opened
        if place is None or self.form is None:
            return
        try:
            changed = with_setting(self.steps[place], path, value)
        except Illegal as refused:
            self.form.error(path, words(refused))
            return
        steps = (*self.steps[:place], changed, *self.steps[place + 1 :])
        label = Message("Set {setting}", setting=Message(path[-1].replace("_", " ")))
        self._want(steps, label, ("step", self.column, place, path))

    # ------------------------------------------------------------------ which steps

    def _want(self, steps: tuple[Transform, ...], label: Message, merge: object = None) -> None:
        assert self.data is not None
        try:
            changed = with_steps(self.data, self.column, steps)
        except Trouble as trouble:
            self.trouble.setText(words(trouble))
            self.trouble.show()
            return
        self.data_wanted.emit(changed, label, merge)

    def add_step(self, step: Transform) -> None:
        """Let the column go another step after all others."""
        self.opened = len(self.steps)
        self._want((*self.steps, step), Message("Add the step {step}", step=Message(step.label())))

    def take_out(self, place: int) -> None:
        """Take a step out."""
        steps, self.opened = self.steps, None
        label = Message("Take out the step {step}", step=Message(steps[place].label()))
        self._want((*steps[:place], *steps[place + 1 :]), label)

    def _move(self, place: int, by: int) -> None:
        steps = list(self.steps)
        to = min(max(place + by, 0), len(steps) - 1)
        if to != place:
            step = steps.pop(place)
            steps.insert(to, step)
            self.opened = None
            self._want(tuple(steps), Message("Move the step {step}", step=Message(step.label())))

    def menu(self) -> QMenu:
        """What can be added; and the step whose settings are open can be taken out."""
        assert self.data is not None
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        steps = offered(self.data, self.column)
        for title, training in ((self.tr("Always"), False), (self.tr("Training only"), True)):
            some = [step for step in steps if step.training_only == training]
            if some:
                menu.addSection(title)
            for step in some:
                action = menu.addAction(translated(step.label()))
                action.setToolTip(tip(step))
                action.triggered.connect(partial(self._add, step))
        if self.opened is not None:
            menu.addSeparator()
            name = translated(self.steps[self.opened].label())
            text = QCoreApplication.translate("data", "Take out {step}").format(step=name)
            menu.addAction(text).triggered.connect(partial(self._take_opened, self.opened))
        return menu

    def _add(self, step: Transform, _: bool = False) -> None:
        self.add_step(step)

    def _take_opened(self, place: int, _: bool = False) -> None:
        self.take_out(place)

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height())))

    def _choose_column(self, name: object) -> None:
        self.column, self.opened = str(name), None
        self._close_form()
        self._show_steps()

    # ------------------------------------------------------------------ before and after

    def _another(self) -> None:
        self._row += 1
        self._ask_looks()

    def _ask_looks(self) -> None:
        """Show what the steps of training make of a sample, where there are such."""
        prepared = self._view.prepared if self._view is not None else None
        shown = any(step.training_only for step in self.steps) and prepared is not None
        shown = shown and self.column in prepared.schema.columns and len(prepared.train) > 0
        self.strip.setVisible(bool(shown))
        if shown and prepared is not None:
            self._worker.run(partial(looks, prepared, self.column, self._row % len(prepared.train)))

    def _show_looks(self, found: list[SampleLook]) -> None:
        self.strip.show_looks(found)

    def _raise(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self.strip.hide()
        self.trouble.setText(words(error))
        self.trouble.show()
