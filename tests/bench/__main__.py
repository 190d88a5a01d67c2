"""Prints every table. `python -m tests.bench --quick` uses a tenth of the mentions."""

import json
import subprocess
import sys
from typing import Any

GOAL_FLOW, GOAL_IMPORT, GOAL_MEMORY = 3000, 1500, 1.3
GOAL_P95_MS, GOAL_STATEMENTS = 50, 12


def measured(what: str, count: int) -> dict[str, Any]:
    """One measurement in a process of its own, so that memory and caches are its own too."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{what}", str(count)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"tests.bench.{what} {count} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table for people."""
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    print(f"\n{title}")
    for row in [head, *rows]:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  " + "  ".join(cells))


def flow_tables(count: int) -> None:
    """Rates of the stages, of the whole import, and memory at two sizes."""
    big, small = measured("flow", count), measured("flow", count // 10)
    plain = big["plain"]
    rates = [
        ("plain sqlite3 inserts (baseline)", f"{plain:,.0f}", "1.00", ""),
        *(
            (name, f"{big[name]:,.0f}", f"{big[name] / plain:.2f}", goal)
            for name, goal in (
                ("collect", ""),
                ("link", ""),
                ("route", ""),
                ("collect + link + route", f">= {GOAL_FLOW:,}"),
                ("reading (lexicon)", ""),
                ("whole import", f">= {GOAL_IMPORT:,}"),
            )
        ),
    ]
    table(f"Flow, {count:,} mentions, replay connector, SQLite", ("stage", "mentions/s", "x baseline", "goal"), rates)
    ratio = big["peak_mib"] / small["peak_mib"]
    table(
        "Peak memory of the whole import",
        ("mentions", "MiB", "ratio", "goal"),
        [
            (f"{count // 10:,}", f"{small['peak_mib']:,.0f}", "1.00", ""),
            (f"{count:,}", f"{big['peak_mib']:,.0f}", f"{ratio:.2f}", f"<= {GOAL_MEMORY}"),
        ],
    )


def inbox_table(count: int) -> None:
    """Server time and statements of the inbox pages."""
    pages = measured("inbox", count)
    table(
        f"Inbox, {count:,} conversations, SQLite, server time "
        f"(goal: p95 <= {GOAL_P95_MS} ms, <= {GOAL_STATEMENTS} statements)",
        ("page", "p50 ms", "p95 ms", "statements"),
        [(name, f"{p['p50']:.1f}", f"{p['p95']:.1f}", str(p["statements"])) for name, p in pages.items()],
    )


def nlp_table(count: int) -> None:
    """How fast texts are read, next to a naive pipeline with a model of the same shape, timed in the same run."""
    rates = measured("reading", count)
    floor = rates.pop("floor")
    naive = rates.get("naive transformers pipeline, batch 1")
    rows = [
        (name, f"{rate:,.0f}", f"{rate / naive:.1f}" if naive else "no torch", ">= 8" if name == "onnx" else "")
        for name, rate in rates.items()
    ]
    table(f"Reading, {count:,} posts", ("engine", "texts/s", "x naive", "goal"), rows)
    print(f"  onnx reaches {100 * rates['onnx'] / floor:.0f} % of what float products alone would allow here")
    share = rates["whole import with onnx"] / rates["onnx"]
    print(f"  imported end to end: {100 * share:.0f} % of the rate of reading alone (goal >= 85 %)")


if __name__ == "__main__":
    size = 10_000 if "--quick" in sys.argv else 100_000
    flow_tables(size)
    inbox_table(size)
    nlp_table(size // 50)
