"""Python source that needs torch alone, with the weights beside it. Opened again in a fresh process."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from engine.exports import python_text
from engine.exports.model import Model
from engine.exports.proof import Batch, Reopened
from engine.message import Trouble

TIME_LIMIT = 600  # seconds after which the fresh process is thought to hang

CHECK = """
import importlib.util, runpy, sys, torch
path, asked, answered = sys.argv[1:]
sys.dont_write_bytecode = True
runpy.run_path(path, run_name="__main__")
spec = importlib.util.spec_from_file_location("exported", path)
exported = importlib.util.module_from_spec(spec)
spec.loader.exec_module(exported)
network = exported.load()
with torch.no_grad():
    found = [network(*batch) for batch in torch.load(asked, weights_only=True)]
torch.save([list(one) if isinstance(one, tuple) else [one] for one in found], answered)
assert not {"engine", "gui"} & set(sys.modules), "the file asks for more than torch"
"""


def write(model: Model, folder: Path, name: str) -> None:
    """Write the module with `load()`, `prepare()` and an example, and its weights beside it."""
    beside = name[: -len(".py")] + ".weights.pt"
    buffer = io.BytesIO()  # torch writes the name of a file it is handed into it
    torch.save(model.state, buffer)
    (folder / beside).write_bytes(buffer.getvalue())
    (folder / name).write_text(python_text.text(model, beside), encoding="utf-8", newline="\n")


def reopen(model: Model, folder: Path, name: str) -> Reopened:
    """The file in a Python process of its own, which also runs the example."""

    def answers(batches: Sequence[Batch]) -> list[Batch]:
        asked, answered = folder / "asked.pt", folder / "answered.pt"
        torch.save([tuple(torch.tensor(column) for column in batch) for batch in batches], asked)
        try:
            _run(name, [str(folder / name), str(asked), str(answered)], folder)
            outputs = torch.load(answered, weights_only=True)
        finally:
            asked.unlink()
            answered.unlink(missing_ok=True)
        return [tuple(tensor.numpy() for tensor in one) for one in outputs]

    return Reopened(f"a fresh Python process, torch {torch.__version__}", answers)


def _run(name: str, arguments: list[str], folder: Path) -> None:
    # -P keeps what lies about in the current folder from standing in for torch
    done = subprocess.run(
        [sys.executable, "-P", "-c", CHECK, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=TIME_LIMIT,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise Trouble(
            "{file} does not run by itself: {reason}. It was not kept.", file=name, reason=last[:300]
        )
