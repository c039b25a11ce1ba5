"""Somebody who does anything at all in the window, by mouse and keys, in any order: nothing breaks, nothing
that was drawn changes behind their back, and undo and redo go all the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest
import torch  # noqa: F401  (once it is there, small networks are checked at once)
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.kinds import Layer, registry
from engine.project.blocks import Use
from engine.store import project_file
from engine.templates import template
from gui import settings
from gui.canvas import bindings
from gui.commands.layer_search import LayerSearch
from gui.commands.search_popup import SearchPopup
from gui.document.document import Document
from gui.window.window import Window
from tests.gui.canvas.canvas_story import CTRL, LEFT, NONE, SHIFT, Hand

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
MANY = 45
"""So many layers are enough: then the monkey takes some away."""
WORDS = ("", "", "conv", "relu", "pool", "lin", "flat", "drop", "add", "norm", "2d", "zz", "lstm", "block")
VALUES = ("0", "1", "2", "3", "16", "-1", "1e9", "x", "", "a name")
TAKEN = (Key.Key_Return, Key.Key_Return, Key.Key_Escape)
HELD = (NONE, NONE, NONE, SHIFT, CTRL, CTRL | SHIFT)


class Memory:
    """What every value of a document was when it came about, as it would be stored."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.first = project_file.dumps(document.project)
        self.stored = {self.first}
        document.changed.connect(self._keep)

    def _keep(self, _: object, after: object) -> None:
        self.stored.add(project_file.dumps(self.document.project))

    def check(self) -> None:
        """Go back to the first value and forth to the last: each is what it was, and can be read again."""
        document = self.document
        last = project_file.dumps(document.project)
        back = [last]
        while document.undo():
            back.append(project_file.dumps(document.project))
        assert back[-1] == self.first or len(back) > 1000
        forth = [back[-1]]
        while document.redo():
            forth.append(project_file.dumps(document.project))
        assert forth == back[::-1]
        assert set(back) <= self.stored
        assert project_file.dumps(project_file.loads(last)) == last


class Monkey:
    """Does one thing after the other, chosen by a seed; each deed tells how many events it was made of."""

    def __init__(self, window: Window, seed: int) -> None:
        self.window, self.dice = window, Random(seed)
        self.canvas = window.session.canvas
        self.hand = Hand(self.canvas)
        deeds: dict[Callable[[], int], int] = {
            self.click: 14,
            self.drag: 18,
            self.key: 22,
            self.wheel: 6,
            self.hover: 12,
            self.double_click: 4,
            self.menu: 4,
            self.search: 7,
            self.drop: 5,
            self.setting: 8,
            self.undo: 10,
            self.walk_blocks: 4,
            self.find: 2,
            self.switch: 2,
            self.theme: 1,
            self.clear_up: 1,
        }
        self._deeds, self._weights = list(deeds), list(deeds.values())

    def work(self, events: int) -> None:
        """Let so many events happen, and look now and then whether all is well."""
        happened, deeds = 0, 0
        while happened < events:
            (deed,) = self.dice.choices(self._deeds, self._weights)
            happened += deed() + self._answer()
            deeds += 1
            QApplication.processEvents()
            if deeds % 25 == 0:
                self._look()

    def _look(self) -> None:
        level, scene = self.canvas.level, self.canvas.scene
        graph = level.project.graph
        assert set(scene.ids) == graph.nodes.keys()
        assert set(scene.wires) <= set(graph.wires)
        assert level.selection <= graph.nodes.keys()
        assert set(level.wire_selection) <= set(graph.wires)
        assert len(graph.order) == len(graph.nodes)

    def _answer(self) -> int:
        """Take something in what has opened, or close it."""
        events = 0
        for _ in range(4):
            popup = QApplication.activePopupWidget()
            if popup is None:
                break
            keys = [Key.Key_Escape]
            if isinstance(popup, QMenu) and self.dice.random() < 0.6:
                keys = [Key.Key_Down] * self.dice.randrange(1, 9) + [Key.Key_Return]
            events += self._press(popup, *keys)
            if popup is QApplication.activePopupWidget():
                popup.close()
        return events

    def _press(self, widget: QWidget, *keys: Key, held: Qt.KeyboardModifier = NONE) -> int:
        """Press keys one after the other."""
        for key in keys:
            QTest.keyClick(widget, key, held)
        return len(keys)

    def _type(self, widget: QWidget, words: Sequence[str] = WORDS) -> int:
        """Type one of some words."""
        text = self.dice.choice(words)
        QTest.keyClicks(widget, text)
        return len(text)

    # ------------------------------------------------------------------ places

    def place(self) -> QPoint:
        """On a layer, a port or a wire, or anywhere."""
        scene, dice = self.canvas.scene, self.dice
        chance = dice.random()
        if scene.ids and chance < 0.45:
            return self.hand.on(dice.choice(scene.ids), dice.uniform(0, 236), dice.uniform(0, 28))
        if scene.places and chance < 0.8:
            x, y = scene.place_xy[dice.randrange(len(scene.places))].tolist()
            return self.hand.world(x + dice.uniform(-4, 4), y + dice.uniform(-4, 4))
        if scene.wires and chance < 0.9:
            route = scene.routes[dice.randrange(len(scene.wires))].tolist()
            return self.hand.world(route[3], (route[4] + route[5]) / 2)
        return QPoint(dice.randrange(self.canvas.width()), dice.randrange(self.canvas.height()))

    # ------------------------------------------------------------------ deeds

    def click(self) -> int:
        self.hand.click(self.place(), self.dice.choice(HELD))
        return 2

    def double_click(self) -> int:
        self.hand.double_click(self.place())
        return 4

    def hover(self) -> int:
        QTest.mouseMove(self.canvas, self.place())
        return 1

    def drag(self) -> int:
        stops = [self.place() for _ in range(self.dice.randrange(1, 4))]
        self.hand.hold(self.place(), *stops, held=self.dice.choice(HELD))
        if self.dice.random() < 0.15:
            self.hand.key(self.dice.choice((Key.Key_Escape, Key.Key_Delete, Key.Key_Tab, Key.Key_Z)))
        QTest.mouseRelease(self.canvas, LEFT, NONE, stops[-1])
        return 3 + len(stops)

    def key(self) -> int:
        keys = (*bindings.BY_KEYS, "Up", "Down", "Left", "Right", "Shift+Up", "Shift+Left", "Return", "Esc")
        pressed = QKeySequence(self.dice.choice(keys))[0]
        self.hand.key(pressed.key(), pressed.keyboardModifiers())
        return 1 + self._give_name()

    def _give_name(self) -> int:
        """Type into what asks for a name over the canvas, and take it or not."""
        field = QApplication.focusWidget()
        if not isinstance(field, QLineEdit) or not self.canvas.isAncestorOf(field):
            return 0
        return self._type(field) + self._press(field, self.dice.choice(TAKEN))

    def wheel(self) -> int:
        place, turn = QPointF(self.place()), QPoint(0, self.dice.choice((-240, -120, 120, 240)))
        held = self.dice.choice((NONE, CTRL, SHIFT))
        buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(place, place, QPoint(), turn, buttons, held, phase, False)
        QApplication.sendEvent(self.canvas, event)
        return 1

    def menu(self) -> int:
        place = self.place()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, self.canvas.mapToGlobal(place))
        QApplication.sendEvent(self.canvas, event)
        return 1 + self._answer() + self._give_name()

    def search(self) -> int:
        events = self._press(self.canvas, Key.Key_Tab)
        finder, bubble = self.canvas.overlays.finder, self.canvas.overlays.bubble
        if finder.isVisible():
            events += self._type(finder.field)
            events += self._press(finder.field, *[Key.Key_Down] * self.dice.randrange(4))
            held = SHIFT if self.dice.random() < 0.2 else NONE
            events += self._press(finder.field, self.dice.choice(TAKEN), held=held)
        if bubble.isVisible():
            ways_out = (Key.Key_1, Key.Key_2, Key.Key_3, Key.Key_Escape)
            self.hand.ways_out()  # else what a seed does would go by how quick the machine is
            events += self._press(bubble, self.dice.choice(ways_out))
        return events

    def drop(self) -> int:
        self.hand.drop(self.dice.choice(list(registry(Layer))), self.place())
        return 3

    def setting(self) -> int:
        """Change something in the inspector."""
        inspector = self.window.editor.docks.panel("inspector")
        fields = [
            one
            for one in inspector.findChildren(QWidget)
            if isinstance(one, QAbstractButton | QLineEdit) and one.isVisible() and one.isEnabled()
        ]
        if not fields:
            return 0
        field = self.dice.choice(fields)
        QTimer.singleShot(0, self._answer)  # a button with a menu waits until it is closed
        QTest.mouseClick(field, LEFT, NONE, field.rect().center())
        if not isinstance(field, QLineEdit):
            return 2
        events = 2 + self._press(field, Key.Key_A, held=CTRL) + self._type(field, VALUES)
        return events + self._press(field, self.dice.choice((*TAKEN, Key.Key_Tab, Key.Key_Up)))

    def undo(self) -> int:
        times, held = self.dice.randrange(1, 6), self.dice.choice((CTRL, CTRL, CTRL | SHIFT))
        return self._press(self.canvas, *[Key.Key_Z] * times, held=held)

    def walk_blocks(self) -> int:
        """Open a block, or leave the open one."""
        level = self.canvas.level
        uses = [id for id, node in level.project.graph.nodes.items() if isinstance(node.kind, Use)]
        if level.path and self.dice.random() < 0.5:
            return self._press(self.canvas, Key.Key_Up, held=ALT)
        if uses:
            level.select({self.dice.choice(uses)})
        return self._press(self.canvas, Key.Key_Return)

    def find(self) -> int:
        events = self._press(self.canvas, self.dice.choice((Key.Key_F, Key.Key_K)), held=CTRL)
        popup = QApplication.activePopupWidget()
        if isinstance(popup, SearchPopup):
            events += self._type(popup.field)
            goes = isinstance(popup, LayerSearch) and self.dice.random() < 0.7
            events += self._press(popup.field, Key.Key_Return if goes else Key.Key_Escape)
        return events

    def switch(self) -> int:
        """Look at the other network."""
        self.window.session.workspace.step(1)
        return 1

    def theme(self) -> int:
        return self._press(self.canvas, Key.Key_L, held=CTRL | SHIFT)

    def clear_up(self) -> int:
        """Take layers away where there are too many, else bring something else to the clipboard."""
        if len(self.canvas.scene.ids) <= MANY:
            QGuiApplication.clipboard().setText(self.dice.choice(("", "a text", '{"layerloom": 1}')))
            return 0
        self.canvas.level.select(self.dice.sample(self.canvas.scene.ids, MANY // 2))
        return self._press(self.canvas, Key.Key_Delete)


def let_loose(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, seed: int, events: int = 2000) -> None:
    """Let a monkey at a window with two networks."""
    settings.prefer(reduced_motion=True)
    monkeypatch.setattr(QDialog, "exec", lambda *_: 0)  # what opens over the window is closed at once
    for asked in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, asked, lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    window = Window()
    qtbot.addWidget(window, before_close_func=_close_all)
    window.resize(1300, 850)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for name in ("digits-cnn", "digits-squeezenet"):
        window.start(template(name).project())
    memories = [Memory(document) for document in window.session.workspace.documents]
    monkey = Monkey(window, seed)
    monkey.canvas.setFocus()
    monkey.work(events)
    QTest.keyClick(monkey.canvas, Key.Key_Escape)
    for memory in memories:
        assert memory.document in window.session.workspace.documents
        memory.check()
    assert sum(len(memory.stored) for memory in memories) > events / 40, "it hardly did anything"


def _close_all(window: Window) -> None:
    for document in window.session.workspace.documents:
        window.session.workspace.close(document)


def test_two_thousand_events_at_random_break_nothing(
    gui: object, qtbot: QtBot, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loose(qtbot, monkeypatch, seed=1)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(2, 12))
def test_two_thousand_events_at_random_break_nothing_whatever_they_are(
    gui: object, qtbot: QtBot, own_folders: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    let_loose(qtbot, monkeypatch, seed)
