"""Runs a network in both dialects with the same weights and says how far they are apart.

Importing Keras holds Python's lock for seconds, so the window asks a process of its own:
`python -m engine.exports.keras_proof RUN…` reads a project from its input and prints the answer as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, frozen

import engine
from engine.data.prepare import prepare
from engine.message import Message, Trouble
from engine.plugins import loading
from engine.project.project import Project
from engine.runs.record import Record
from engine.store import project_file

if TYPE_CHECKING:
    from torch import nn

ROWS = 64
TIME_LIMIT = 300.0
"""How long the other process may take, in seconds."""
TRIED = 5
"""How many runs are tried; older ones are of a network that has long been another."""


@frozen
class Agreement:
    """The largest difference of any number in what comes out, over so many samples, with the weights of the
    run of that number; None stands for first weights.
    """

    largest: float
    rows: int
    run: int | None = None


def agree(project: Project, runs: Iterable[Path] = ()) -> Agreement:
    """Compare here, on validation samples, with the weights of the first of these runs that fits the
    network, else with first weights. Raises `Trouble` where either dialect cannot run.
    """
    from engine.codegen.build import build  # with torch and Keras, which the window shall not wait for
    from engine.codegen.keras.emit import emit_keras
    from engine.codegen.keras.weights import copy_weights, instantiate, largest_difference

    built = build(project, seed=project.recipe.seed, to_train=False)
    source = emit_keras(project)
    model = instantiate(source)
    module, run = _trained(project, runs) or (built.module, None)
    copy_weights(module, model, source.copies)
    columns = prepare(project.data).validation.batch(slice(0, ROWS))
    values = [columns[name] for name in built.inputs]
    return Agreement(largest_difference(module, model, source, values), len(values[0]), run)


def _trained(project: Project, runs: Iterable[Path]) -> tuple[nn.Module, int] | None:
    """The network with the weights of the first run that fits it, and the run's number."""
    from engine.training.restore import module  # with torch

    for folder in runs:
        record = Record(folder)
        try:
            return module(project, record.weights()), record.number
        except Trouble:  # of another network, or damaged: the next one may fit
            continue
    return None


def agree_aside(project: Project, runs: Iterable[Path] = ()) -> Agreement:
    """Compare in a process of its own and wait for it; of the runs the first few are tried. Raises `Trouble`
    with what went wrong there.
    """

    home = str(Path(engine.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    own = {**loading.environment(), "PYTHONPATH": path, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"}
    try:
        # -P keeps what lies about in the current folder from standing in for a module
        done = subprocess.run(
            [sys.executable, "-P", "-m", "engine.exports.keras_proof", *map(str, islice(runs, TRIED))],
            input=project_file.dumps(project),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIME_LIMIT,
            env={**os.environ, **own},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Trouble("The comparison came to no end: {reason}", reason=type(error).__name__) from None
    lines = done.stdout.splitlines()
    answer = json.loads(lines[-1]) if lines else {}
    if "largest" in answer:
        return Agreement(**answer)
    raise Trouble(Message("{reason}", reason=answer.get("trouble", "The comparison broke off")))


def main() -> None:
    """Read a project, print the answer."""

    loading.load()
    try:
        agreement = agree(project_file.loads(sys.stdin.read()), map(Path, sys.argv[1:]))
        print(json.dumps(asdict(agreement)))
    except Trouble as trouble:
        print(json.dumps({"trouble": str(trouble)}))


if __name__ == "__main__":
    main()
