"""Keeps the analysis of every document fresh: at once where that is quick, otherwise beside the window."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING
from weakref import WeakMethod

from PySide6.QtCore import QObject
from shiboken6 import isValid

from engine.analysis.check import check
from engine.project.project import Project
from gui.background import post

if TYPE_CHECKING:
    from engine.analysis.results import Analysis
    from gui.document.document import Document

SMALL = 60
"""Layers up to which a check is always quick enough to be made at once."""
MEDIUM = 300
"""Layers up to which a check is made at once while the last one was no slower than three frames."""
FRAME, HALF_FRAME = 0.016, 0.008


def torch_is_imported() -> bool:
    """Whether torch is there to be used, not merely on its way."""
    torch = sys.modules.get("torch")
    return torch is not None and not getattr(torch.__spec__, "_initializing", False)


class Checker(QObject):
    """Checks what the documents hold. For each document the latest request wins."""

    def __init__(self, parent: QObject | None = None, held: bool = False) -> None:
        super().__init__(parent)
        self._held = held
        self._wanted: dict[str, tuple[Document, Project]] = {}
        self._seconds: dict[str, float] = {}
        """How long the last check of each document kept its thread busy; what it waited does not count."""
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._post = post()

    # ------------------------------------------------------------------ for the window

    def release(self) -> None:
        """Check from now on, and first what was asked for while it was held back."""
        self._held = False
        self._start()

    def request(self, document: Document) -> None:
        """See that the document has a fresh analysis soon."""
        if document.fresh:
            return
        if not self._held and self._quick(document):
            started = time.thread_time()
            analysis = check(document.project, document.analysis)
            self._seconds[document.key] = time.thread_time() - started
            document.take_analysis(document.project, analysis)
            return
        with self._lock:
            self._wanted[document.key] = (document, document.project)
        self._start()

    def forget(self, document: Document) -> None:
        """A document was closed."""
        with self._lock:
            self._wanted.pop(document.key, None)
        self._seconds.pop(document.key, None)

    @property
    def busy(self) -> bool:
        """Whether a check is under way or waiting."""
        return self._thread is not None or bool(self._wanted)

    # ------------------------------------------------------------------ at once or aside

    def _quick(self, document: Document) -> bool:
        if not torch_is_imported() or self._thread is not None:
            return False
        layers = len(document.project.graph.nodes)
        last = self._seconds.get(document.key)
        if layers <= SMALL:
            return True
        return last is not None and last < (3 * FRAME if layers <= MEDIUM else HALF_FRAME)

    def _start(self) -> None:
        with self._lock:
            if self._held or self._thread is not None or not self._wanted:
                return
            self._thread = threading.Thread(target=self._work, name="checker", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted or self._held:
                    self._thread = None
                    return
                key, (document, project) = next(iter(self._wanted.items()))
                del self._wanted[key]
            started = time.thread_time()
            outcome: Analysis | Exception
            try:
                outcome = check(project, document.analysis)
            except Exception as error:  # a fault of the check is raised again on the interface thread
                outcome = error
            self._seconds[key] = time.thread_time() - started
            self._post.send(WeakMethod(self._deliver), (document, project, outcome))

    def _deliver(self, result: tuple[Document, Project, Analysis | Exception]) -> None:
        document, project, outcome = result
        if isinstance(outcome, Exception):
            raise outcome
        if isValid(document) and not document.fresh:
            document.take_analysis(project, outcome)
