"""`make bench`: every benchmark beside this file, each in its own process, as a table and as build/bench.json

A benchmark is a page `bench_….py` with a function `rows()` that gives a list of
`{"row", "ours", "reference", "ratio", "goal", "met"}`. Ratios are taken side by side.

    python tests/benchmarks [NAME …] [--to FILE]
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEYS = ("row", "ours", "reference", "ratio", "goal", "met")


def main() -> int:
    """Run what was asked for; 0 where every goal is met."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure Layerloom beside its references.")
    parser.add_argument("names", nargs="*", help="benchmarks to run: train for bench_train.py; none runs all")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "bench.json", help="where the rows go")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        sys.path[:0] = [str(ROOT), str(HERE)]
        print(json.dumps(importlib.import_module(asked.names[0]).rows()))
        return 0
    pages = sorted(path.stem for path in HERE.glob("bench_*.py"))
    chosen = [page for page in pages if not asked.names or page.removeprefix("bench_") in asked.names]
    rows: list[dict[str, Any]] = []
    for page in chosen:
        print(f"… {page}", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, str(HERE), page, "--here"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            rows.append(dict.fromkeys(KEYS) | {"row": f"{page} did not run", "met": False})
            continue
        rows += json.loads(done.stdout.splitlines()[-1])
    print(table(rows))
    asked.to.parent.mkdir(parents=True, exist_ok=True)
    asked.to.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(row["met"] is not False for row in rows) else 1


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in columns."""
    cells = [list(KEYS)] + [[_word(row.get(key)) for key in KEYS] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(KEYS))]
    return "\n".join(
        "  ".join(
            word.ljust(width) if i == 0 else word.rjust(width)
            for i, (word, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    )


def _word(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float | int):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
