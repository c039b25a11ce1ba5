"""`layerloom new`: a project file of a template, or of a first network for data of one's own."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from engine.cli.data import suggestion
from engine.cli.output import say
from engine.cli.verbs import Usage, usage_errors
from engine.message import Message, Trouble


def new(options: Namespace) -> int:
    from engine.store import project_file
    from engine.templates import template

    path: Path = options.to
    if path.suffix.lower() != project_file.ENDING:
        ending = project_file.ENDING
        example = path.with_suffix(ending) if path.name else f"network{ending}"
        raise Usage(f"expected a file name that ends in {ending}, for instance {example}, received {path}")
    if (options.template is None) == (options.data is None):
        raise Usage("expected a TEMPLATE or --data FILE; see layerloom new --help")
    if path.exists():
        raise Trouble("{path} is there already; choose another name, or remove it first", path=path)
    if options.data is not None:
        found = suggestion(options)
        project_file.save(found.project, path)
        say(Message("{network} {training}", network=found.network, training=found.training))
        say(Message("{path} holds it; train it: layerloom train {path}", path=path))
        return 0
    with usage_errors():
        chosen = template(options.template)
    project_file.save(chosen.project(), path)
    say(Message("{path} holds {title}; train it: layerloom train {path}", path=path, title=chosen.title))
    return 0
