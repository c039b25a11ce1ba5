"""Runs a network in both dialects with the same weights and says how far they are apart.

Importing Keras holds Python's lock for seconds, so the window asks a process of its own:
`python -m engine.keras_proof` reads a project from its input and prints the answer as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from engine.graph import Project
from engine.message import Message, Trouble

ROWS = 64
PATIENCE = 300.0
"""How long the other process may take, in seconds."""


@frozen
class Agreement:
    """The largest difference of any number in what comes out, over so many samples."""

    largest: float
    rows: int


def agree(project: Project) -> Agreement:
    """Compare here, on validation samples, with first weights. Raises `Trouble` where either cannot run."""
    from engine.build import build
    from engine.data.prepare import prepare
    from engine.emit_keras import emit_keras
    from engine.keras_weights import copy_weights, instantiate, largest_difference

    built = build(project, seed=project.recipe.seed)
    source = emit_keras(project)
    model = instantiate(source)
    copy_weights(built.module, model, source.copies)
    part = prepare(project.data).validation
    values = [part.columns[name][:ROWS] for name in built.inputs]
    return Agreement(largest_difference(built.module, model, source, values), len(values[0]))


def agree_aside(project: Project) -> Agreement:
    """Compare in a process of its own and wait for it. Raises `Trouble` with what went wrong there."""
    import engine
    from engine import plugins, store

    home = str(Path(engine.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    own = {**plugins.environment(), "PYTHONPATH": path, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"}
    try:
        # -P keeps what lies about in the current folder from standing in for a module
        done = subprocess.run(
            [sys.executable, "-P", "-m", "engine.keras_proof"],
            input=store.dumps(project),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            env={**os.environ, **own},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Trouble("The comparison came to no end: {reason}", reason=type(error).__name__) from None
    lines = done.stdout.splitlines()
    told = json.loads(lines[-1]) if lines else {}
    if "largest" in told:
        return Agreement(told["largest"], told["rows"])
    raise Trouble(Message("{reason}", reason=told.get("trouble", "The comparison broke off")))


def main() -> None:
    """Read a project, print the answer."""
    from engine import plugins, store

    plugins.load()
    try:
        found = agree(store.loads(sys.stdin.read()))
        print(json.dumps({"largest": found.largest, "rows": found.rows}))
    except Trouble as trouble:
        print(json.dumps({"trouble": str(trouble)}))


if __name__ == "__main__":
    main()
