"""Writes the facts of all templates to their file."""

from __future__ import annotations

import json

from engine.files.atomic import write_text
from engine.templates import FACTS, measured

write_text(str(FACTS), json.dumps(measured(), indent=2) + "\n")
