"""Whether all that a schema promises is there, and legal."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from engine.data.scale import pieces
from engine.data.schema import Column, Raw, Schema
from engine.message import Trouble


def require_complete(schema: Schema, raw: Raw, late: Collection[str] = ()) -> None:
    """Raise `Trouble` where a column is missing, has the wrong shape or numbers that are not legal; but of
    those that are read `late`.
    """
    for name, column in schema.columns.items():
        if name in late:
            continue
        values = raw.columns.get(name)
        if values is None:
            raise Trouble("Column {column} is not in the data. Choose other data.", column=name)
        if values.shape != (schema.samples, *column.shape):
            raise Trouble(
                "Column {column} has the wrong shape: expected {samples} samples of {expected}, "
                "received {received}. Choose other data.",
                column=name,
                samples=f"{schema.samples:,}",
                expected=str(column.shaped),
                received="×".join(map(str, values.shape)),
            )
        require_legal(column, values)


def require_legal(column: Column, values: np.ndarray) -> None:
    """Raise `Trouble` where N values in own units are not finite, or of a class that there is not."""
    if column.dtype == "float":
        bad = sum(int(np.count_nonzero(~np.isfinite(values[piece]))) for piece in pieces(values, len(values)))
        if bad:
            raise Trouble(
                "Column {column} has values that are missing or not finite: expected numbers throughout, "
                "received {bad} of {total} that are not. Fill them in, or take these rows out of the data.",
                column=column.name,
                bad=f"{bad:,}",
                total=f"{values.size:,}",
            )
    elif column.classes and ((values < 0) | (values >= len(column.classes))).any():
        raise Trouble(
            "Column {column} names classes that do not exist: expected numbers from 0 to {last}, "
            "received {found}. Correct the labels in the data.",
            column=column.name,
            last=len(column.classes) - 1,
            found=", ".join(
                str(v) for v in np.unique(values[(values < 0) | (values >= len(column.classes))])[:5]
            ),
        )
