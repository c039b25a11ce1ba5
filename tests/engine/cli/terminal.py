"""The command line as tests call it: projects that train in a moment, and `layerloom` as its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.cli.settings import set_by_path
from engine.project.project import Project
from engine.store import project_file
from engine.templates import template

Call = Callable[..., tuple[int, str, str]]


def saved(project: Project, name: str = "p.loom") -> str:
    project_file.save(project, Path(name))
    return name


def quick() -> str:
    """A project that trains in a moment."""
    project = set_by_path(template("wine-mlp").project(), "patience=null")
    return saved(set_by_path(project, "epochs=2"))


def process(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **options},
    )
