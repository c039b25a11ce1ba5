"""A training in the terminal: one line that moves on a screen, a line for each epoch in a file."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO

from engine.message import Message, shown
from engine.training.reports import Changed, Evaluated, Failed, Finished, Progress, Report, Started

WIDTH = 30  # of the bar, in characters


class Bar:
    """Shows the reports of one training as a person reads them."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._started: Started | None = None
        self._last: Progress | None = None
        self._validation = ""

    def show(self, report: Report) -> None:
        """Take in one report."""
        match report:
            case Started():
                self._started = report
                threads = Message(", {threads} threads", threads=report.threads) if report.threads > 1 else ""
                self._line(
                    Message(
                        "Run {number} on {device}{threads}: {epochs} epoch{epochs:|s} of {steps} "
                        "step{steps:|s}",
                        number=report.number,
                        device=report.device,
                        threads=threads,
                        epochs=report.epochs,
                        steps=report.steps_per_epoch,
                    )
                )
                if not report.exact:
                    self._line(Message("not bit-exact: {device} adds up in any order", device=report.device))
                for warning in report.warnings:
                    self._line(Message("warning: {warning}", warning=warning))
            case Progress():
                self._last = report
                self._move()
            case Evaluated():
                self._validation = "validation " + _values(report.validation)
                if self._moving:
                    self._move()
                else:
                    self._line(f"epoch {report.epoch:g}  train {_values(report.train)}  {self._validation}")
            case Changed():
                for name, (before, after) in report.settings.items():
                    self._line(Message("{name}: {before} → {after}", name=name, before=before, after=after))
            case Finished():
                self._end(report)
            case Failed():
                self._clear()

    def _move(self) -> None:
        started, last = self._started, self._last
        if not self._moving or started is None or last is None:
            return
        share = min(last.step / max(started.steps, 1), 1.0)
        full = round(share * WIDTH)
        left = (started.steps - last.step) / last.steps_per_second if last.steps_per_second else 0.0
        penalty = f" + penalty {last.penalty:.4g}" if last.penalty is not None else ""
        text = (
            f"epoch {min(int(last.epoch) + 1, started.epochs)}/{started.epochs} "
            f"{'▮' * full}{'▯' * (WIDTH - full)} loss {last.losses[-1] if last.losses else 0:.4f}{penalty}  "
            f"{self._validation}  {last.steps_per_second:,.0f} steps/s  "
            f"{int(left) // 60}:{int(left) % 60:02d} left"
        )
        self._stream.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()

    def _end(self, report: Finished) -> None:
        reasons = {
            "done": Message("Finished"),
            "early": Message("Stopped early: it got no better"),
            "goal": Message("Reached its goal"),
            "time": Message("Its time is over"),
            "stopped": Message("Stopped; what was learnt is kept"),
        }
        if not report.run and report.warning is not None:
            self._line(report.warning)
            return
        self._line(
            Message(
                "{reason} after {seconds:.1f} s; the weights are those of epoch {epoch:g}",
                reason=reasons.get(report.reason, report.reason),
                seconds=report.seconds,
                epoch=report.kept_epoch,
            )
        )
        for part, values in report.metrics.items():
            self._line(f"  {part:<11}{_values(values)}")
        if report.run:
            self._line(f"  {report.run}")
        if report.warning is not None:
            self._line(report.warning)

    def _line(self, text: object) -> None:
        self._clear()
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def _clear(self) -> None:
        if self._moving:
            self._stream.write("\r\x1b[K")


def _values(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())


def table(rows: Iterable[Iterable[object]], right: frozenset[int] = frozenset()) -> str:
    """Rows in columns, those in `right` set to the right."""
    texts = [[shown(str(cell)) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in texts) for i in range(len(texts[0]))] if texts else []
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in texts
    )
