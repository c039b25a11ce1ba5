"""Whatever happened to a project's file, it opens or is refused with a sentence."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random

import pytest

from engine.analysis.check import check
from engine.message import Trouble
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.store import clipboard, project_file
from engine.templates import template
from tests.damage.damaging import damaged_json

EACH = 50  # damaged projects to a test
TESTS = [*range(10), *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(10, 100))]
CASES = Path(__file__).with_name("cases")


@cache
def texts() -> tuple[str, ...]:
    """Small networks of several sorts: pictures, blocks, sequences, numbers."""
    names = ("digits-cnn", "wine-mlp", "digits-resnet", "sunspots-lstm", "digits-mlp")
    return tuple(project_file.dumps(template(name).project()) for name in names)


@pytest.mark.parametrize("seed", TESTS)
def test_a_damaged_project_opens_or_is_refused(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    path = tmp_path / "net.loom"
    for _ in range(EACH):
        path.write_bytes(damaged_json(random.choice(texts()), random))
        opens_or_is_refused(path)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.loom")), ids=lambda path: path.stem)
def test_what_once_was_not_refused_with_a_sentence(path: Path) -> None:
    opens_or_is_refused(path)


def opens_or_is_refused(path: Path) -> None:
    try:
        project = project_file.load(path)
    except Trouble as trouble:
        said = str(trouble)
        assert str(path) in said
        assert "Traceback" not in said
    else:
        can_be_worked_with(project)
    with suppress(Trouble):
        clipboard.from_text(path.read_text("utf-8", "replace"))


def can_be_worked_with(project: Project) -> None:
    """It is checked, its problems are told with their ways out, and it comes back from a file as it is."""
    for problem in check(project).problems[:1]:
        assert str(problem.message)
        for repair in propose(problem)[:1]:
            assert str(repair.title)
    assert project_file.loads(project_file.dumps(project)) == project
