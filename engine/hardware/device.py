"""Where a training computes: the device, the number of processor threads, and torch made ready ahead of
time.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.message import Trouble

if TYPE_CHECKING:
    import torch

HEAVY = 200_000_000  # multiply-adds of one step's forward pass from which a second thread pays for its waking


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" takes a GPU where there is one. Raises `Trouble` where it is not
    there.
    """
    import torch

    devices = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, available in devices.items() if available))
    if not devices[name]:
        raise Trouble(
            "The recipe asks for {device}, but PyTorch finds none here. Choose auto or cpu as the device.",
            device={"cuda": "an NVIDIA GPU (cuda)", "mps": "an Apple GPU (mps)"}[name],
        )
    return torch.device(name)


def device_name(device: torch.device) -> str:
    """What a person calls the device."""
    import torch

    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type


def choose_threads(setting: int | None, macs: int, batch: int) -> int:
    """How many processor threads to use: what the recipe says, else one for a small network and half the
    cores.

    `macs` are multiply-adds for one sample. Threads wait for each other in every operation, so one that has
    to share its core holds up all: on two busy cores, two threads trained the digits MLP 100 times slower
    than one, a CNN on 28×28 six times, and even 15 billion multiply-adds a step ran at two thirds. Half the
    cores leaves room for the window, and on most machines that is how many there are if a core is not counted
    twice.
    """
    if setting is not None:
        return setting
    return 1 if macs * batch < HEAVY else min(max(usable_cores() // 2, 1), 16)


@contextmanager
def computing(
    device: torch.device, threads: int, *, exact: bool = False, tf32: bool = False
) -> Iterator[None]:
    """Within it this thread computes with so many processor threads. An `exact` training takes only
    algorithms that repeat to the last bit, whatever they cost; any other takes those of convolutions all the
    same. `tf32` lets a GPU leave out digits of products.

    PyTorch's number of threads belongs to the thread that sets it, so this is entered where the steps are
    made.
    """
    import torch

    cudnn = torch.backends.cudnn
    matmul = torch.backends.cuda.matmul
    before = torch.get_num_threads(), cudnn.deterministic, cudnn.benchmark
    digits = matmul.allow_tf32, cudnn.allow_tf32
    deterministic: Any = torch.utils.deterministic  # a module with a property, which mypy does not see
    strict = torch.are_deterministic_algorithms_enabled(), deterministic.fill_uninitialized_memory
    torch.set_num_threads(threads)
    if device.type == "cuda":
        cudnn.deterministic, cudnn.benchmark = True, False
    if tf32 and device.type == "cuda":
        matmul.allow_tf32 = cudnn.allow_tf32 = True
    if exact:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS repeats itself only with it
        torch.use_deterministic_algorithms(True)
        deterministic.fill_uninitialized_memory = False  # which costs, and nothing reads it
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cudnn.deterministic, cudnn.benchmark = before[1:]
        if tf32 and device.type == "cuda":  # on a processor, setting them to what they are changes products
            matmul.allow_tf32, cudnn.allow_tf32 = digits
        if exact:
            torch.use_deterministic_algorithms(strict[0])
            deterministic.fill_uninitialized_memory = strict[1]


def usable_cores() -> int:
    """Processor cores this process may use; a container's quota counts."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        cores = min(cores, max(1, int(quota) // int(period)))
    return cores


def warm_up() -> None:
    """Import torch and make a first optimiser step, which imports much more. To be called in a thread of its
    own.

    What is imported stays, so the garbage collector rests meanwhile, which saves a fifth of the time, and
    looks past it ever after: going through it would hold Python's lock for a quarter of a second each time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        _import_torch()
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def _import_torch() -> None:
    """Its largest library is loaded through ctypes first: that frees Python's lock while it is read, which
    `import` does not, and halves the time for which a window stands still.
    """
    import ctypes

    spec = importlib.util.find_spec("torch")
    if spec is not None and spec.origin is not None and "torch" not in sys.modules:
        with suppress(
            OSError
        ):  # named otherwise, or needing what only `import` brings; importing is then slower
            ctypes.CDLL(str(Path(spec.origin).parent / "lib" / "libtorch_cpu.so"))
    import torch

    weight = torch.nn.Parameter(torch.zeros(2))
    optimiser = torch.optim.Adam([weight], fused=True)
    weight.sum().backward()  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
    optimiser.step()
    importlib.import_module("safetensors.torch")
