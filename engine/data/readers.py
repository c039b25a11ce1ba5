"""Processes that read samples ahead, while the network learns from those before.

They are started anew and inherit nothing (spawned): a process that is forked while Qt and PyTorch have
threads may stand still for ever.
"""

from __future__ import annotations

import random
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler, get_worker_info

from engine.data.dataset import Columns
from engine.data.streaming import Decoder, StillToRead, StreamedDataset
from engine.message import Trouble

CHUNK = 1_000_000
"""Bytes of samples that a process reads at once: much more than it costs to hand them over, and little enough
for all to work on one batch."""
AHEAD = 48_000_000
"""Bytes of samples that are read ahead at most, by all processes together."""

Request = Mapping[str, StillToRead]
Found = dict[str, torch.Tensor] | Trouble


class Readers:
    """The processes of one training. They start when something is first read, and end with `close`; what is
    read after that starts them again. Without any `workers` it is read here, when its turn comes.
    """

    def __init__(self, dataset: StreamedDataset, workers: int, seed: int = 0) -> None:
        self._decoders = {name: column.decoder for name, column in dataset.late.items()}
        self._workers = workers
        self._seed = seed
        self._requests = _Requests()
        self._loader: DataLoader[Any] | None = None
        self._context = _Context()
        self._turn = 0

    @property
    def processes(self) -> Sequence[int]:
        """Those that run, by their numbers."""
        return [one.pid for one in self._context.started if one.is_alive() and one.pid is not None]

    def in_turn(self, dataset: StreamedDataset, rows: np.ndarray) -> Iterator[Columns]:
        """Those samples of the set or of another part of it (int64), in that order, in pieces of any length.
        What was asked for before is given up. Raises `Trouble` where one cannot be read.
        """
        if not len(rows):
            return
        sample = sum(values.nbytes for values in dataset.batch(rows[:1], self._decoders.keys()).values())
        size = max(1, min(CHUNK // max(1, sample), -(-len(rows) // max(1, self._workers))))
        chunks = [rows[start : start + size] for start in range(0, len(rows), size)]
        self._turn += 1
        turn = self._turn
        self._requests.left = (dataset.wanted(chunk) for chunk in chunks)
        found = self._found(max(1, size * sample))
        for chunk in chunks:
            if turn != self._turn:
                raise RuntimeError("other samples were asked for meanwhile")
            read = next(found)
            if isinstance(read, Trouble):
                raise read
            yield dataset.whole(chunk, {name: values.numpy() for name, values in read.items()})

    def close(self) -> None:
        """End them, whatever they are doing, and wait until they are gone."""
        self._turn += 1
        self._loader = None  # which asks them to end
        for one in self._context.started:
            if one.is_alive():
                one.terminate()
            one.join()
        self._context.started.clear()

    def _found(self, size: int) -> Iterator[Found]:
        """What they find of the present requests, in their order, in pieces of so many bytes."""
        try:
            with _restored_signal():
                if self._loader is None:
                    self._loader = self._started(size)
                found: Iterator[Found] = iter(self._loader)
            while True:
                try:
                    read = next(found)
                except StopIteration:
                    return
                yield read
        except (RuntimeError, OSError, EOFError) as error:
            # one of them was ended from outside, or there is no room to hand anything over
            found = iter(())
            self.close()
            raise Trouble(
                "A process that reads the data has ended: {reason}. It may have had too little memory: "
                "choose fewer processes (workers), or smaller samples.",
                reason=str(error).split("\n")[0].rstrip(".") or type(error).__name__,
            ) from error

    def _started(self, size: int) -> DataLoader[Any]:
        ahead = min(AHEAD, _room() // 4)
        aside = self._workers > 0
        return DataLoader(
            _Reading(self._decoders),
            batch_size=None,
            sampler=self._requests,
            num_workers=self._workers,
            collate_fn=_tensors,
            worker_init_fn=_begin,
            multiprocessing_context=self._context if aside else None,
            generator=torch.Generator().manual_seed(self._seed),  # else the training's own numbers are drawn
            prefetch_factor=max(2, min(8, ahead // (size * self._workers))) if aside else None,
            persistent_workers=aside,
        )


class _Requests(Sampler[Any]):
    """What is to be read next: it changes from epoch to epoch, while the processes stay."""

    def __init__(self) -> None:
        self.left: Iterator[Request] = iter(())

    def __iter__(self) -> Iterator[Request]:
        return self.left


class _Reading(Dataset[Any]):
    """What stands in a process that reads: it knows how, and is told what."""

    def __init__(self, decoders: Mapping[str, Decoder]) -> None:
        self._decoders = decoders

    def __getitem__(self, request: Request) -> Columns | Trouble:
        try:
            return {name: self._decoders[name](wanted) for name, wanted in request.items()}
        except Trouble as trouble:  # raised where it is told to a person
            return trouble
        except Exception as error:
            text = str(error).split("\n")[0][:300] or type(error).__name__
            return Trouble("Samples cannot be read: {text}. Correct the data.", text=text)


def _tensors(found: Any) -> Found:
    if isinstance(found, Trouble):
        return found
    return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in found.items()}


def _begin(number: int) -> None:
    """What a process does first. PyTorch has given it one thread and a seed of its own already."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that trains stops, and still reads a little
    known = get_worker_info()
    assert known is not None
    random.seed(known.seed)
    np.random.seed(known.seed % 2**32)


def _room() -> int:
    """Bytes through which processes hand things over. Containers often have few."""
    with suppress(OSError):
        return shutil.disk_usage("/dev/shm").free
    return 4 * AHEAD


@contextmanager
def _restored_signal() -> Iterator[None]:
    """Within it a handler of ended processes may be set, which does not stay: it would raise an error in the
    midst of anything. One that is waited for is found to be gone anyway.
    """
    which = getattr(signal, "SIGCHLD", None)
    if which is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(which)
    try:
        yield
    finally:
        signal.signal(which, before)


class _Process(SpawnProcess):
    """A process that begins with what it needs alone: not with the program that is run, and its window."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        blocked = None
        try:
            if hasattr(signal, "pthread_sigmask"):  # it ends by Ctrl+C no more than later, once it has begun
                blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            return SpawnProcess._Popen(process_obj)
        finally:
            if blocked is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            sys.modules["__main__"] = main


class _Context(SpawnContext):
    """Makes such processes, and knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(  # type: ignore[override]  # elsewhere the class itself
        self, *arguments: Any, **named: Any
    ) -> SpawnProcess:
        process = _Process(*arguments, **named)
        self.started.append(process)
        return process
