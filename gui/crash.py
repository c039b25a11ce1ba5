"""What happens when something goes wrong that nobody foresaw: it is logged, the work is kept, and it is
said once.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from types import FrameType, TracebackType
from typing import TextIO

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from engine.message import Trouble
from gui import settings
from gui.window.window import Window

log = logging.getLogger("layerloom")


def open_log() -> None:
    """Write the log into the state folder, half a megabyte at most, and there too what a crash of
    Python's leaves.
    """
    folder = settings.state_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _PrivateLog(folder / "layerloom.log", maxBytes=256_000, backupCount=1, encoding="utf-8")
        crash = _private(str(folder / "crash.log"))
    except OSError:  # a log is no reason not to start
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    faulthandler.enable(crash)


class _PrivateLog(RotatingFileHandler):
    """A log that nobody else may read, also when a new one is begun."""

    def _open(self) -> TextIO:
        return _private(self.baseFilename)


def _private(name: str) -> TextIO:
    """A text file to add to, which nobody else may read; it stays open."""
    with suppress(OSError):  # one of a former version
        os.chmod(name, 0o600)
    handle = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return open(handle, "a", encoding="utf-8")


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    log.warning("Qt: %s", text)


class CrashHandler(QObject):
    """Catches what no one caught, on the interface thread and on others, and the system's wish that we
    end.
    """

    _happened = Signal(object)

    def __init__(self, app: QApplication, window: Window) -> None:
        super().__init__(window)
        self._window, self._app = window, app
        self.wished = False
        """Whether the system wished that we end."""
        self._reported: set[tuple[str, int]] = set()
        self._happened.connect(self._say)
        sys.excepthook = self.caught
        threading.excepthook = self._caught_in_thread
        qInstallMessageHandler(_qt_message)
        self._listen()

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log an error with its traceback, rescue the work, and say it unless it was said before."""
        if issubclass(kind, KeyboardInterrupt):
            self._app.quit()
            return
        log.error("an error that nobody caught", exc_info=(kind, error, trace))
        last = trace
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        place = (last.tb_frame.f_code.co_filename, last.tb_lineno) if last is not None else (kind.__name__, 0)
        if place not in self._reported:  # an error while painting comes with every frame
            self._reported.add(place)
            self._happened.emit(error)

    def _caught_in_thread(self, hook: threading.ExceptHookArgs) -> None:
        if hook.exc_value is not None and not isinstance(hook.exc_value, SystemExit):
            self.caught(hook.exc_type, hook.exc_value, hook.exc_traceback)

    def _say(self, error: BaseException) -> None:
        self._window.furnish()
        self._window.session.autosave.flush()
        QTimer.singleShot(0, self, lambda: self._tell(error))

    def _tell(self, error: BaseException) -> None:
        kind, text = type(error).__name__, str(error)
        self._window.session.files.show_error(
            self.tr("Something went wrong inside Layerloom"),
            Trouble(
                "{kind}: {text}. Your work is kept, and a snapshot of it is on disk. "
                "The log in {folder} shows where.",
                kind=kind,
                text=text[:300] or "no further words",
                folder=str(settings.state_folder()),
            ),
        )

    # ------------------------------------------------------------------ the system's wish

    def _listen(self) -> None:
        """Let signals wake the event loop: Python's own handlers run only between two of its steps."""
        self._ears, self._mouth = socket.socketpair()
        for end in (self._ears, self._mouth):
            end.setblocking(False)
        signal.set_wakeup_fd(self._mouth.fileno())
        self._notifier = QSocketNotifier(self._ears.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)
        names = ("SIGINT", "SIGTERM", "SIGHUP")
        self._wishes = {getattr(signal, name) for name in names if hasattr(signal, name)}
        self._wishes = {wish for wish in self._wishes if signal.getsignal(wish) is not signal.SIG_IGN}
        for wish in self._wishes:
            signal.signal(wish, _ignore)

    def _heard(self) -> None:
        """End without a question; what is not saved is on disk as a snapshot, and the next start offers
        it.
        """
        heard = set(self._ears.recv(64))
        if heard & {int(wish) for wish in self._wishes}:
            self.wished = True
            if self._window.furnished:
                self._window.session.autosave.flush()
                self._window.session.stop_run()
            self._app.exit(0)

    def deaf(self) -> None:
        """Hear no more signals: the event loop has ended. One that comes now ends the process at once."""
        signal.set_wakeup_fd(-1)
        for wish in self._wishes:
            signal.signal(wish, signal.SIG_DFL)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Python's side of a signal; the event loop does the work."""
