"""What stands beside the samples: the parts, the balance of the target, what was noticed, a first network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.data.findings import DataFinding
from engine.data.overview import Overview
from gui.controls import Button, ElidedLabel, Label, Separator, Sign
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.panels.data_page.inks import class_ink, part_ink, part_name
from gui.panels.data_page.network_card import NetworkCard
from gui.panels.data_page.steps import StepList
from gui.style import theme
from gui.text.words import begun, exact, percent, words

WIDTH = 356
MOST_CLASSES = 24
"""Classes that are listed; of more, the most frequent."""
LINE = 20


class ShareBar(QWidget):
    """One bar, shared among several in their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: Sequence[tuple[int, Callable[[], QColor]]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_shares(self, shares: Sequence[tuple[int, Callable[[], QColor]]]) -> None:
        """So many of each, with what gives its colour."""
        self._shares = shares
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(10))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, total = brush(self), sum(count for count, _ in self._shares)
        frame(painter, QRectF(self.rect()), 2, theme.current().track)
        left = 0.0
        for count, ink in self._shares:
            wide = self.width() * count / total if total else 0
            painter.fillRect(QRectF(left, 0, max(0.0, wide - 1), self.height()), ink())
            left += wide


class ShareLine(QAbstractButton):
    """One of several that share something: a coloured square, its name, how many, which share. A click shows
    its samples alone.
    """

    def __init__(
        self, name: str, count: int, share: float, ink: Callable[[], QColor], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setText(name)
        self.count, self.share, self._ink = count, share, ink
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{name}: {exact(count)}, {percent(share)}")
        self._key_focus = KeyFocus(self)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(LINE))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter, rect = theme.current(), brush(self), QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            ground = worn.accent_ground if self.isChecked() else worn.hover
            frame(painter, rect.adjusted(-4, 0, 4, 0), 4, ground)
        side = theme.px(8)
        painter.fillRect(QRectF(0, round(rect.center().y() - side / 2), side, side), self._ink())
        painter.setFont(theme.font("body"))
        metrics = QFontMetrics(painter.font())
        share, number = percent(self.share), exact(self.count)
        shares = max(metrics.horizontalAdvance("100.0 %"), metrics.horizontalAdvance(share))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(worn.text3)
        painter.drawText(rect, flags | Qt.AlignmentFlag.AlignRight, share)
        painter.setPen(worn.text1)
        painter.setFont(theme.font("value"))
        numbers = rect.adjusted(0, 0, -shares - theme.px(4), 0)
        painter.drawText(numbers, flags | Qt.AlignmentFlag.AlignRight, number)
        painter.setFont(theme.font("body"))
        painter.setPen(worn.text2)
        left = side + theme.px(8)
        room = int(numbers.right() - metrics.horizontalAdvance(number) - left - theme.px(8))
        painter.drawText(
            QRectF(left, 0, max(0, room), rect.height()),
            flags,
            metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room),
        )
        if self._key_focus.shown():
            ring(painter, rect, 4)

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()


class ShareList(QWidget):
    """A head, a bar and a line for each."""

    chosen = Signal(object)
    """The number of what is to be seen alone, None for all again."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.note = Label(title, "title"), ElidedLabel("", "hint", "text3")
        self.bar = ShareBar()
        self.lines: list[ShareLine] = []
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(self.title)
        head.addWidget(self.note, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(6))
        self._column.addLayout(head)
        self._column.addWidget(self.bar)
        self._listed = QVBoxLayout()
        self._listed.setSpacing(0)
        self._column.addLayout(self._listed)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def set_shares(self, shares: Sequence[tuple[int, str, int, Callable[[], QColor]]]) -> None:
        """Each with its number, its name, how many there are of it, and what gives its colour."""
        for line in self.lines:
            line.hide()
            line.deleteLater()
        total = sum(count for _, _, count, _ in shares) or 1
        self.bar.set_shares([(count, ink) for _, _, count, ink in shares])
        self.lines = []
        for number, name, count, ink in shares[:MOST_CLASSES]:
            line = ShareLine(name, count, count / total, ink)
            line.setProperty("number", number)
            line.clicked.connect(self._clicked)
            self.lines.append(line)
            self._listed.addWidget(line)

    def choose(self, number: int | None) -> None:
        """Show what is seen alone."""
        for line in self.lines:
            line.setChecked(line.property("number") == number)

    def _clicked(self, on: bool) -> None:
        number = self.sender().property("number")
        self.chosen.emit(number if on else None)


class FindingLine(QWidget):
    """One thing that was noticed, with its way out."""

    def __init__(self, finding: DataFinding, act: Callable[..., None]) -> None:
        super().__init__()
        self.finding = finding
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.px(6), 0, theme.px(6))
        row.setSpacing(theme.px(8))
        row.addWidget(Sign(finding.level), 0)
        text = Label(begun(finding.message), "body", "text1", wrap=True)
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row.addWidget(text, 1)
        self.button: Button | None = None
        if finding.verb is not None:
            self.button = Button(words(finding.verb), look="link")
            self.button.clicked.connect(partial(act, finding))
            row.addWidget(self.button, 0)


class DataSide(QScrollArea):
    """The column at the right of the page."""

    part_chosen = Signal(object)
    class_chosen = Signal(object)
    change_wanted = Signal(object)
    """A `DataFinding` whose change a person wants."""
    rows_wanted = Signal(object)
    """A `DataFinding` whose samples a person wants to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Parts, target and what was noticed"))
        inside = QWidget()
        inside.setProperty("ground", "panel")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(theme.px(14))
        self.parts = ShareList(self.tr("Parts"))
        self.parts.chosen.connect(self.part_chosen)
        self.balance = ShareList("")
        self.balance.chosen.connect(self.class_chosen)
        self._balance_line = Separator()
        self.noticed = QWidget()
        self._findings = QVBoxLayout(self.noticed)
        self._findings.setContentsMargins(0, 0, 0, 0)
        self._findings.setSpacing(0)
        self._findings.addWidget(Label(self.tr("What was noticed"), "title"))
        self.lines: list[FindingLine] = []
        self.network = NetworkCard()
        self.steps = StepList()
        for part in (
            self.parts,
            self._balance_line,
            self.balance,
            Separator(),
            self.steps,
            self.noticed,
            self.network,
        ):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(inside)
        self._measure()
        theme.theme_changed.connect(self._measure)

    def _measure(self, _: object = None) -> None:
        self.setMinimumWidth(theme.px(240))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDTH), theme.px(400))

    def show_view(self, view: Overview, how: str) -> None:
        """Show the parts and the target of some data; `how` says how the parts were drawn."""
        sizes = view.part_sizes()
        shares = [(part, part_name(part), size, partial(part_ink, part)) for part, size in enumerate(sizes)]
        self.parts.set_shares(shares)
        self.parts.note.setText(how)
        self.parts.setVisible(any(sizes))
        classes = len(view.classes)
        self.balance.title.setText(self.tr("Target: {name}").format(name=view.target))
        self.balance.set_shares(
            [
                (number, view.classes[number], count, partial(class_ink, number, classes))
                for number, count in view.balance()
                if count
            ]
        )
        for part in (self.balance, self._balance_line):
            part.setVisible(bool(view.classes))
        self.steps.show_view(view)

    def show_findings(self, findings: Sequence[DataFinding]) -> None:
        """List what was noticed."""
        for line in self.lines:
            line.hide()
            line.deleteLater()
        self.lines = [FindingLine(finding, self._act) for finding in findings]
        for line in self.lines:
            self._findings.addWidget(line)
        self.noticed.setVisible(bool(findings))

    def _act(self, finding: DataFinding, _: bool = False) -> None:
        (self.change_wanted if finding.change is not None else self.rows_wanted).emit(finding)
