"""Plug-ins that were written for the first version find what they import."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from engine import kinds
from engine.analysis.check import check
from engine.cli import check_plugin
from engine.codegen.build import build
from engine.losses.loss import Loss
from engine.plugins import first_version
from tests.engine.plugins.conftest import Write
from tests.engine.plugins.iris import made, project

NAMES = Path(__file__).with_name("first_version.txt").read_text().splitlines()
README = """
from engine.calls import module
from engine.kinds import Layer, declare, param
from engine.ports import port


@declare(family="dense", hint="own")
class Widen(Layer):
    '''Turns every row into a longer one.'''

    times: int = param(2, lo=1, hi=64, doc="How much longer")
    x = port("N F", doc="a row of numbers")

    def torch(self, x):
        return module("nn.Linear", x.F, self.times * x.F)
"""
"""What the README of the first version showed."""
OTHER = """
import engine.calls
import engine.kinds
import engine.shapes as sizes
from engine import forms, ports
from engine.criteria import Focal
from engine.losses import OF_CLASSES, Weighing
from engine.message import Message
from engine.ports import *

assert issubclass(engine.kinds.Layer, engine.kinds.Kind)


class Odd(forms.Form):
    def accept(self, value):
        if value % 2:
            return value
        raise self.refusal(value)

    def wanted(self):
        return Message("an odd number")


@engine.kinds.declare(family="activation", hint="own")
class Doubled(engine.kinds.Layer):
    '''Twice what arrives.'''

    by: float = engine.kinds.param(2.0, form=forms.Number(lo=0), doc="How much more")
    how: tuple = engine.kinds.param((), form=forms.Several(options=("well", "badly")), doc="In which ways")
    odd: int = engine.kinds.param(3, form=Odd(), doc="An odd number")
    x = port("N *", doc="anything")

    def shapes(self, x: Incoming):
        from engine.shapes import per_sample
        return (per_sample(*x.shape.sample),)

    def torch(self, x):
        import engine.calls as code
        return code.expression(f"{{x}} * {self.by!r}")


@engine.kinds.declare(hint="own")
class Sharp(Weighing):
    '''A focal loss of one's own.'''

    def torch(self, counts=()):
        return engine.calls.Call("criteria.Focal", (), (("gamma", 3.0),))
"""


@pytest.mark.parametrize("text", [README, OTHER])
def test_a_plugin_works_as_it_is(write: Write, tmp_path: Path, text: str) -> None:
    found = write(text)
    assert not found.faults
    drawn = project(made(found.kinds[0].__name__))
    assert not [problem for problem in check(drawn).problems if problem.node == "k"]
    assert build(project(made("Linear", out_features=3)), 0)
    (tmp_path / "tried.py").write_text(text, encoding="utf-8")
    assert not check_plugin.check_file(tmp_path / "tried.py").faults


def test_a_loss_calls_modules_of_the_engine(write: Write) -> None:
    write(OTHER)
    computed = kinds.registry(Loss)["Sharp"]().torch().make()
    assert float(computed(torch.zeros(2, 3), torch.tensor([0, 1]))) > 0


def test_nothing_else_finds_these_pages(write: Write) -> None:
    write(README)
    assert not {"engine.calls", "engine.ports"} & sys.modules.keys()
    assert not hasattr(kinds, "Loss")


@pytest.mark.parametrize("page", first_version.NOW_IN)
def test_the_pages_have_all_their_names(write: Write, page: str) -> None:
    (line,) = [one for one in NAMES if one.startswith(f"{page}: ")]
    wanted = ", ".join(line.removeprefix(f"{page}: ").split())
    (fault,) = write(f"from {page} import {wanted}\n").faults
    assert "declares no kind" in str(fault)


def test_every_page_that_had_kinds_is_there() -> None:
    assert {line.partition(":")[0] for line in NAMES} == set(first_version.NOW_IN)
