"""An export in a process of its own, so that the window goes on: converting holds Python's lock for seconds.

The child tells its progress as JSON lines and fills a folder beside the place of the export. Only when it has
said that all is proven does this process move the files to their place; so whatever ends the child, there is
no half of an export.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

import engine
from engine.exports.formats import Format, format_of
from engine.exports.proof import Proof
from engine.exports.staging import clear, install, resolved, staging_folder
from engine.message import Message, Trouble
from engine.plugins import loading


class Export:
    """An export under way. Every method may be called at any time, from any thread."""

    def __init__(self, run: Path, path: Path) -> None:
        self._format: Format = format_of(path)
        self.path = path = resolved(path, self._format)
        self._folder = staging_folder(run, path, self._format)
        self._progress: deque[tuple[float, Message]] = deque()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._outcome: Proof | Trouble | None = None
        try:
            self._child = _child([str(run.absolute()), str(self._folder), str(path.absolute())])
        except OSError as error:
            clear(self._folder)
            raise Trouble(
                "The export cannot be started: {reason}.", reason=error.strerror or str(error)
            ) from error
        threading.Thread(target=self._listen, name="export", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._ended.is_set()

    def poll(self) -> list[tuple[float, Message]]:
        """What it has told since the last call: the fraction that is done, and what it is doing."""
        progress = []
        with suppress(IndexError):
            while True:
                progress.append(self._progress.popleft())
        return progress

    def cancel(self) -> None:
        """End it and take away what it has written. A file that is already in its place stays."""
        with self._lock:
            if self._outcome is None:
                self._outcome = Trouble("The export was cancelled. Nothing was written.")
        _kill(self._child)
        self._ended.wait(10)

    def result(self, timeout: float | None = None) -> Proof:
        """Wait for the end. Raises `Trouble` where it failed, was cancelled, or takes longer than `timeout`
        seconds.
        """
        if not self._ended.wait(timeout):
            raise Trouble("The export is still under way.")
        if isinstance(self._outcome, Proof):
            return self._outcome
        assert self._outcome is not None
        raise self._outcome

    def _listen(self) -> None:
        last: dict[str, Any] = {}
        try:
            assert self._child.stdout is not None
            for line in self._child.stdout:
                report = json.loads(line)
                if "fraction" in report:
                    self._progress.append((report["fraction"], read_message(report["message"])))
                else:
                    last = report
            status = self._child.wait()
            with self._lock:
                if self._outcome is None:
                    self._outcome = self._end(last, status)
        except (
            BaseException
        ) as error:  # a thread has nobody to tell, and whoever waits must not wait for ever
            with self._lock:
                self._outcome = self._outcome or (
                    error if isinstance(error, Trouble) else _unexpected(type(error).__name__)
                )
            _kill(self._child)
        finally:
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            clear(self._folder)
            self._ended.set()

    def _end(self, last: dict[str, Any], status: int) -> Proof | Trouble:
        if "trouble" in last:
            return Trouble(read_message(last["trouble"]))
        if "proof" not in last:
            return _unexpected(f"exit status {status}")
        try:
            install(self._folder, self.path, self._format)
        except Trouble as trouble:
            return trouble
        return Proof.from_json(last["proof"])


def _unexpected(reason: str) -> Trouble:
    return Trouble(
        "The export ended before it was done ({reason}); the memory may have run out. Nothing was written. "
        "Try again, or choose another format.",
        reason=reason,
    )


def _child(arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start the child. It ends when its input ends, so it does not outlive this process."""
    home = str(Path(engine.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    # -P keeps what lies about in the current folder from standing in for a module
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "engine.exports", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **loading.environment(), "PYTHONPATH": path},
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child, and where the system knows groups of processes, what it has started."""
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        child.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


# --------------------------------------------------------------------------- messages as JSON


def message_json(message: Message) -> dict[str, Any]:
    """A message as plain JSON, so that the window can translate what a child says."""
    return {
        "template": message.template,
        "values": {key: _plain(value) for key, value in message.values.items()},
    }


def read_message(data: dict[str, Any]) -> Message:
    """The message that `message_json` wrote."""
    values = {
        key: read_message(value) if isinstance(value, dict) else value
        for key, value in data["values"].items()
    }
    return Message(data["template"], **values)


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return message_json(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
