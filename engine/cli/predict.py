"""`layerloom predict`: what a trained network says of a file that it has never seen."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from engine.cli.data import source_of
from engine.cli.output import complain, say
from engine.cli.verbs import Usage, named_run, print_json
from engine.files.atomic import write_text
from engine.message import Message, Trouble

if TYPE_CHECKING:
    from engine.runs.record import Record
    from engine.training.predict import Predictor


def predict(options: Namespace) -> int:
    """Run a trained network over new data, and write what it says."""
    from engine.data.own.table_file import TableFile
    from engine.runs.new_data import predict_file

    if (options.file is None) == (options.prompt is None):
        raise Usage(
            "expected a FILE, or --prompt TEXT for a network that writes; see layerloom predict --help"
        )
    if options.to is not None and options.to.exists():
        raise Trouble("{path} is there already; choose another name, or remove it first", path=options.to)
    record = named_run(options.run_or_project, options.dir)
    if record.caution is not None:
        complain(record.caution)
    predictor = record.predictor()
    if options.prompt is not None:
        return _go_on(options, record, predictor)
    own = predictor.prepared.settings.source
    found = predict_file(
        predictor, options.file, source_of(options, own) if isinstance(own, TableFile) else None
    )
    for left in found.skipped:
        complain(
            Message(
                "{n} row{n:|s} without an answer, the first is {place}: {reason}",
                n=left.count,
                place=left.place,
                reason=left.reason,
            )
        )
    if options.to is not None:
        found.write(options.to)
    if options.json:
        print_json(
            {
                "run": record.number,
                "rows": len(found),
                "foretold": list(found.foretold),
                "skipped": [
                    {"place": one.place, "reason": str(one.reason), "count": one.count}
                    for one in found.skipped
                ],
                "predictions": list(found.rows()),
            }
        )
    elif options.to is not None:
        say(
            Message(
                "{path} holds what run {number} says of {n} row{n:|s}: {columns}",
                path=options.to,
                number=record.number,
                n=len(found),
                columns=", ".join(found.foretold[:12]) + (" …" if len(found.foretold) > 12 else ""),
            )
        )
    else:
        say(found.csv(), end="")
    return 0


def _go_on(options: Namespace, record: Record, predictor: Predictor) -> int:
    """Let a network that writes go on with a text."""
    from engine.training.writing import write_on

    if options.length < 0 or not 0 <= options.temperature < float("inf") or not 0 <= options.seed < 2**64:
        raise Usage("expected a length, a temperature and a seed from 0 up")
    text = write_on(predictor, options.prompt, None, options.length, options.temperature, options.seed)
    if options.to is not None:
        write_text(options.to, text + "\n")
    if options.json:
        print_json({"run": record.number, "text": text})
    elif options.to is None:
        say(Message("{text}", text=text))
    return 0
