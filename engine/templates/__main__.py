"""Writes what is known of all templates to their files: the facts of each, and what stands near what."""

from __future__ import annotations

import json

from engine.files.atomic import write_text
from engine.templates import FACTS, famous, measured, templates
from engine.templates.neighbours import NEIGHBOURS, counted

graphs = [one.project().graph for one in (*templates(), *famous())]
write_text(str(FACTS), json.dumps(measured(), indent=2) + "\n")
write_text(str(NEIGHBOURS), json.dumps(counted(graphs), indent=2) + "\n")
