"""How much memory there is, and what to say where it is full."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from engine.message import Message


def available() -> int | None:
    """Bytes that can still be had before the machine runs out, or None where the system does not say."""
    return _least(_system("MemAvailable:", "free"), _container(left=True))


def installed() -> int | None:
    """Bytes that this process could have if it were alone, or None where the system does not say."""
    return _least(_system("MemTotal:", "total"), _container(left=False))


def _least(*sizes: int | None) -> int | None:
    return min((size for size in sizes if size is not None), default=None)


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


def words(size: int) -> str:
    """A size for a sentence."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:,.1f} {unit}"
    return f"{size / 1e3:,.0f} KB"


def _system(line_start: str, field: str) -> int | None:
    """A line of Linux's account of its memory, or that field of what Windows says."""
    if sys.platform == "win32":
        return _windows(field)
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(line_start):
                return int(line.split()[1]) * 1024
    with suppress(OSError, ValueError, AttributeError):  # macOS does not say what is free: all there is, then
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _container(left: bool) -> int | None:
    """A container's limit, or what is left of it. Cached files count as used there, but give way, so they are
    added back.
    """
    root = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        limit = int((root / "memory.max").read_text())
        if not left:
            return limit
        used = int((root / "memory.current").read_text())
        for line in (root / "memory.stat").read_text().splitlines():
            if line.startswith("inactive_file "):
                used -= int(line.split()[1])
        return max(limit - used, 0)
    return None


def _windows(field: str) -> int | None:
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
    return int(getattr(status, field)) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
