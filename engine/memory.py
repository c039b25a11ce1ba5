"""How much memory a training needs and how much there is. On a CPU, asking for too much ends the whole
process.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from engine.message import Message, Trouble


def available() -> int | None:
    """Bytes that can still be had before the machine runs out, or None where the system does not say."""
    found = [size for size in (_system(), _container()) if size is not None]
    return min(found, default=None)


def require(weights: int, activations: int, data: int, copies: int) -> None:
    """Refuse what clearly does not fit. All in bytes: `weights` one copy, of which `copies` more are held.

    Raises `Trouble` with the numbers. The sum is a lower bound, so nothing that would run is refused.
    """
    there = available()
    needed = weights * (1 + copies) + activations + data
    if there is None or needed <= there:
        return
    if activations > weights * (1 + copies):
        raise Trouble(
            "Training needs at least {needed} of memory, {activations} of it for what the layers put out, "
            "and {there} are free. Make the batch smaller, or the pictures.",
            needed=_words(needed),
            activations=_words(activations),
            there=_words(there),
        )
    raise Trouble(
        "Training needs at least {needed} of memory, {weights} of it for the weights and what the optimiser "
        "keeps of each, and {there} are free. Make the largest layers smaller.",
        needed=_words(needed),
        weights=_words(weights * (1 + copies)),
        there=_words(there),
    )


def exhausted(error: BaseException) -> bool:
    """Whether an exception says that there was no memory left, on the device or on the processor."""
    name = type(error).__name__  # PyTorch has a class of its own for a device; this page does without torch
    return isinstance(error, MemoryError) or name == "OutOfMemoryError" or "allocate memory" in str(error)


def full(device: str, batch: int) -> Message:
    """What to tell a person then."""
    return Message(
        "The memory of {device} is full. Halve the batch (it is {batch}), or make the network smaller.",
        device=device,
        batch=batch,
    )


def _words(size: int) -> str:
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:,.1f} {unit}"
    return f"{size / 1e3:,.0f} KB"


def _system() -> int | None:
    if sys.platform == "win32":
        return _windows()
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with suppress(OSError, ValueError, AttributeError):  # macOS does not say what is free: all there is, then
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _container() -> int | None:
    """What a container's limit leaves. Cached files count as used there, but give way, so they are added
    back.
    """
    root = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        limit = int((root / "memory.max").read_text())
        used = int((root / "memory.current").read_text())
        for line in (root / "memory.stat").read_text().splitlines():
            if line.startswith("inactive_file "):
                used -= int(line.split()[1])
        return max(limit - used, 0)
    return None


def _windows() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *(
                (name, ctypes.c_ulonglong)
                for name in ("total", "free", "page", "page_free", "virtual", "left", "extended")
            ),
        ]

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (there is no such name on other systems)
    return int(status.free) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
