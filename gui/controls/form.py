"""Settings in rows: a label at the left, a control at the right, sections between lines."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.controls.drawing import KeyFocus, brush, chevron, ring
from gui.controls.label import ElidedLabel, Label
from gui.controls.optional import OptionalField
from gui.controls.switch import Switch
from gui.style import theme


class Separator(QWidget):
    """A separator, 1 px."""

    def __init__(self, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(fixed if upright else free, free if upright else fixed)

    def sizeHint(self) -> QSize:
        return QSize(1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        brush(self).fillRect(self.rect(), theme.current().line)


class FormRow(QWidget):
    """A label column of 112 px and a control, 30 px high, and a note below where there is something to say of
    it. A control that is too wide for that stands below. The label is the accessible name of the control.
    """

    def __init__(self, label: str, control: QWidget, help: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel(label, "body", "text2", parent=self)
        self.control = control
        self.label.setBuddy(control)
        self.note: Label | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._row = row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        beside = theme.px(theme.INSPECTOR_WIDTH - 2 * theme.PANEL_PADDING - theme.FORM_LABEL)
        if control.minimumSizeHint().width() <= beside:
            row.addWidget(self.label)
        else:  # a number for each of three axes needs the whole width of the panel
            column.addWidget(self.label)
            column.setContentsMargins(0, theme.px(2), 0, theme.px(4))
            column.setSpacing(theme.px(4))
        column.addLayout(row, 1)
        row.addWidget(control, 1, Qt.AlignmentFlag.AlignVCenter)
        if control.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Fixed:
            row.setStretchFactor(control, 0)
            row.addStretch(1)
        for widget in (control, control.focusProxy()):
            if widget is not None and not widget.accessibleName():
                widget.setAccessibleName(label)
        if help:
            self.setToolTip(help)
            control.setToolTip(control.toolTip() or help)
        self._measure()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self._measure)

    def add_after(self, widget: QWidget) -> None:
        """A small button at the right end of the row."""
        self._row.addWidget(widget)

    def set_note(self, text: str) -> None:
        """Say something of the control, below it; "" takes it back."""
        if self.note is None:
            if not text:
                return
            self.note = Label("", "hint", "text2", parent=self)
            self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            self.note.setContentsMargins(0, 0, 0, theme.px(4))
            self.layout().addWidget(self.note)
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _measure(self) -> None:
        overhang = (
            2 if isinstance(self.control, Switch | OptionalField) else 0
        )  # room for a switch's focus ring
        self.label.setFixedWidth(theme.px(theme.FORM_LABEL) - overhang)
        self.setMinimumHeight(theme.px(theme.FORM_ROW))


class Fact(QWidget):
    """A label, a value that may be selected, and a note at the right edge: what something costs.

    Without a note the value has the whole width, and goes on in another line where it needs more. A note that
    has no room beside the value stands below it, whole.
    """

    def __init__(self, label: str, value: str = "", note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel(label, "body", "text2", parent=self)
        self.value = Label(value, "value", "text1", selectable=True, parent=self)
        self.note = ElidedLabel(note, "hint", "text3", parent=self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.below = Label("", "hint", "text3", wrap=True, parent=self)
        self.below.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._row = row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for part in (self.label, self.value, self.note):
            row.addWidget(part)
        self._column = column = QVBoxLayout(self)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.below)
        self.set(value, note)
        self._measure()
        theme.theme_changed.connect(self._measure)

    def set(self, value: str, note: str = "") -> None:
        self.value.setText(value)
        self.value.setWordWrap(not note)
        self.note.setText(note)
        self.below.setText(note)
        self._row.setStretchFactor(self.value, 0 if note else 1)
        self._row.setStretchFactor(self.note, 1)
        self._place_note()

    def _place_note(self) -> None:
        """Let the note stand where it has room: beside the value, or below."""
        taken = self.label.width() + self.value.sizeHint().width() + 2 * self._row.spacing()
        beside = self.note.sizeHint().width() <= self.width() - taken
        noted = bool(self.note.text())
        self.note.setVisible(noted and beside)
        self.below.setVisible(noted and not beside)
        self._column.setContentsMargins(0, 0, 0, theme.px(4) if noted and not beside else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_note()

    def _measure(self) -> None:
        self.label.setFixedWidth(theme.px(theme.FORM_LABEL - 8))
        self.label.setMinimumHeight(theme.px(22))
        self._place_note()


class Form(QWidget):
    """Rows of settings and facts below each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def add(self, label: str, control: QWidget, help: str = "") -> FormRow:
        row = FormRow(label, control, help, self)
        self.add_row(row)
        return row

    def fact(self, label: str, value: str = "", note: str = "") -> Fact:
        fact = Fact(label, value, note, self)
        self.add_row(fact)
        return fact

    def add_row(self, row: QWidget) -> None:
        """Any other widget, as wide as the form."""
        self.rows.append(row)
        self._column.addWidget(row)

    def clear(self) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows.clear()


class _FoldingHead(QAbstractButton):
    """A head that folds its section away."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._key_focus = KeyFocus(self)
        theme.set_font(self, "head")

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(width + theme.px(24), theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        turn = 0 if self.isChecked() else -90
        chevron(painter, QPointF(theme.px(6), self.height() / 2), worn.text2, turn)
        painter.setFont(self.font())
        painter.setPen(worn.text1)
        rect = QRectF(self.rect()).adjusted(theme.px(18), 0, 0, 0)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self._key_focus.shown():
            ring(painter, QRectF(self.rect()), theme.CORNER)


class Section(QWidget):
    """A 1 px line, a head and what belongs below it. A foldable one opens and closes at its head."""

    folded = Signal(object)

    def __init__(
        self,
        title: str = "",
        *,
        note: str = "",
        line: bool = True,
        foldable: bool = False,
        open: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = _FoldingHead(title, self) if foldable else Label(title, "head", "text1", parent=self)
        self.note = ElidedLabel(note, "hint", "text3", parent=self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        if line:
            outer.addWidget(Separator(parent=self))
        inner = QVBoxLayout()
        pad = theme.PANEL_PADDING
        inner.setContentsMargins(pad, 10, pad, 12)
        inner.setSpacing(4)
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(self.title)
        self._head.addWidget(self.note, 1)
        inner.addLayout(self._head)
        self.body = QWidget(self)
        self.content = QVBoxLayout(self.body)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(4)
        inner.addWidget(self.body)
        outer.addLayout(inner)
        self.title.setVisible(bool(title))
        self.note.setVisible(bool(title or note))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        if isinstance(self.title, _FoldingHead):
            self.title.setChecked(open)
            self.title.toggled.connect(self._fold)
            self.body.setVisible(open)

    def add(self, widget: QWidget) -> None:
        self.content.addWidget(widget)

    def is_open(self) -> bool:
        return not isinstance(self.title, _FoldingHead) or self.title.isChecked()

    def _fold(self, open: bool) -> None:
        self.body.setVisible(open)
        self.folded.emit(open)
