"""How far the two dialects of the code are apart: asked of a process of its own, told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.message import Trouble
from gui import settings
from gui.background import Worker

if TYPE_CHECKING:
    from engine.codegen.source import SourceCode
    from engine.exports.keras_proof import Agreement
    from engine.project.project import Project
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer

CLOSE = 1e-5
"""Largest difference that counts as none: what rounding makes of the same sums in another order."""
Comparison = tuple[str, Path | None, "Agreement"]
"""The source that was compared, the folder of the run whose weights were taken, and what came of it."""


class CodeProof(QObject):
    """Compares the dialects of the network in front with the weights of its newest run that fits it. What
    came of it holds for the source that was compared.
    """

    changed = Signal()
    """A comparison began or ended, or other weights are there to compare with."""

    def __init__(self, workspace: Workspace, trainer: Trainer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._trainer = workspace, trainer
        self._last: Comparison | None = None
        self._worker = Worker(self)
        self._worker.done.connect(self._compared)
        self._worker.failed.connect(self._not_compared)
        trainer.finished.connect(self.changed)
        trainer.last_runs.recalled.connect(self.changed)

    @property
    def busy(self) -> bool:
        """Whether a comparison goes on."""
        return self._worker.busy

    def agreement_of(self, source: SourceCode) -> Agreement | None:
        """What came of comparing this source."""
        return self._last[2] if self._last is not None and self._last[0] == source.text else None

    def outdated(self, source: SourceCode) -> bool:
        """Whether this source is still to be compared with the weights that the network has now."""
        return self.agreement_of(source) is None or (
            self._last is not None and self._last[1] != self._weights
        )

    def start(self, source: SourceCode, project: Project) -> None:
        """Compare."""
        text, weights, document = source.text, self._weights, self._workspace.current
        candidates = _candidates(weights, document.path, settings.runs_folder(), project.fingerprint)

        def compare() -> Comparison:
            from engine.exports.keras_proof import agree_aside

            return text, weights, agree_aside(project, candidates())

        self._worker.run(compare)
        self.changed.emit()

    def verdict(self, agreement: Agreement) -> tuple[bool, str, str]:
        """Whether the two are equal, the same in a few words, and in a sentence."""
        gap, run = agreement.largest, agreement.run
        weights = (
            self.tr("the weights of run {number}").format(number=run) if run else self.tr("first weights")
        )
        same = gap < CLOSE
        words = (
            self.tr("equal to {gap:.0e} with {weights}")
            if same
            else self.tr("apart by {gap:.0e} with {weights}")
        )
        sentence = self.tr("Both ran on {rows} samples with {weights}; largest difference {gap:.0e}.")
        return (
            same,
            words.format(gap=gap, weights=weights),
            sentence.format(rows=agreement.rows, weights=weights, gap=gap),
        )

    @property
    def _weights(self) -> Path | None:
        weights = self._trainer.last_runs.weights_of(self._workspace.current)
        return weights.folder if weights is not None else None

    def _compared(self, comparison: Comparison) -> None:
        self._last = comparison
        self.changed.emit()

    def _not_compared(self, error: Exception) -> None:
        self.changed.emit()
        if not isinstance(error, Trouble):
            raise error
        self._workspace.notice.emit(error)


def _candidates(
    weights: Path | None, path: Path | None, shelf: Path, fingerprint: str
) -> Callable[[], Iterator[Path]]:
    """The folders of the runs whose weights may fit, the likeliest first; the shelf is read as they are
    asked for.
    """

    def find() -> Iterator[Path]:
        from engine.runs.shelf import Shelf

        return chain(
            [weights] if weights else [], (one.folder for one in Shelf(shelf).whole(path, fingerprint))
        )

    return find
