"""Texts of modules that kinds bring: taken apart, and refused where code could not contain them."""

from __future__ import annotations

import pytest

from engine.message import Illegal
from engine.plugins import module_text


def test_the_parts_of_a_text() -> None:
    parts = module_text.parse("import torch\nimport math\n\nRATE = 2\n\nclass One(nn.Module):\n    pass\n")
    assert parts.imports == ("import math",)
    assert parts.names == ("RATE", "One")
    assert "import" not in parts.body
    with pytest.raises(Illegal):
        module_text.parse("from . import beside")
