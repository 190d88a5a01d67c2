"""Prints every table, in minutes; `--full` measures at the sizes that the goals speak of, which takes hours."""

import json
import subprocess
import sys
from typing import Any

from tests.bench import detection
from tests.bench.tables import table
from tests.servers import find_postgres

GOAL_FLOW, GOAL_IMPORT, GOAL_MEMORY = 3000, 1500, 1.3
GOAL_P95_MS, GOAL_STATEMENTS = 50, 12
GOAL_SHARE = 0.85
GOAL_LIKENESS = 20_000
GOAL_REBUILD, GOAL_SCREEN_MS = 200_000, 300
WAYS = {
    "naive": ("naive transformers pipeline, batch 1, one question (baseline)", ""),
    "batched": ("batched torch, bf16", ""),
    "onnx": ("onnx", ">= 8 x, load <= 0.5, <= 250"),
    "analyser": ("onnx, with language, names and places", ""),
    "lexicon": ("lexicon (VADER + rules)", ""),
    "vader": ("VADER alone", ""),
}
"""Ways to read (tests/bench/readers.py), as people call them, and what was asked of them."""
PRODUCTS = {"int8": "8 bits, ONNX Runtime", "bf16": "bf16, torch", "f32": "f32, torch"}


def measured(what: str, count: int, *more: str) -> dict[str, Any]:
    """One measurement in a process of its own, so that memory and caches are its own too."""
    command = [sys.executable, "-m", f"tests.bench.{what}", str(count), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"tests.bench.{what} {count} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


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


def browser_table(count: int) -> None:
    """The inbox in Chromium, while that many new conversations come in."""
    found = measured("browser", count)
    first, *_, last = found["memory"]
    table(
        f"Inbox in Chromium, SQLite, {count:,} new conversations",
        ("measure", "value", "goal"),
        [
            ("first page: HTML, CSS and JS over the line, KB", f"{found['first_page_kb']:.0f}", "<= 150"),
            ("a thread of 5,000 opens, median, ms", f"{found['thread_ms']:.0f}", "<= 300"),
            ("a thread of 5,000 opens, worst, ms", f"{found['thread_worst_ms']:.0f}", ""),
            ("the palette finds, ms", f"{found['palette_ms']:.1f}", "<= 50"),
            ("heap at first, MB", f"{first['heap_mb']:.1f}", ""),
            (f"heap after {last['new']:,.0f} new, MB", f"{last['heap_mb']:.1f}", "flat"),
            ("nodes at first and at the end", f"{first['nodes']:,.0f}, {last['nodes']:,.0f}", "flat"),
            ("rows at the end", f"{last['rows']:.0f}", "<= 200"),
        ],
    )


def nlp_table(count: int) -> None:
    """What each way to read costs, next to a naive pipeline with the same weights, timed in the same run."""
    found = measured("reading", count)
    floor, naive = found.pop("floor", None), found.get("naive")
    rows = []
    for kind, (name, goal) in WAYS.items():
        told = found.get(kind)
        if told is None:
            rows.append((name, "needs hearken[torch]", *[""] * 4))
            continue
        times = f"{told['rate'] / naive['rate']:.1f}" if naive else ""
        rows.append((name, f"{told['rate']:,.0f}", times, f"{told['load']:.2f}", f"{told['memory']:,.0f}", goal))
    table(f"Reading, {count:,} posts", ("way", "texts/s", "x naive", "load s", "peak MiB", "goal"), rows)
    if floor:
        floor_table(found["onnx"]["rate"], floor)


def floor_table(rate: float, floor: dict[str, float]) -> None:
    """The rate of the small model, next to what it would be if only its arithmetic took time."""
    most = {name: floor[kind] / floor["operations"] for kind, name in PRODUCTS.items()}
    table(
        f"Arithmetic floor: {floor['operations'] / 1e6:,.0f} million operations for {floor['tokens']:.0f} tokens",
        ("products of one layer", "billion/s", "texts/s at most", "reached by onnx"),
        [
            (name, f"{floor[kind] / 1e9:,.0f}", f"{most[name]:,.0f}", f"{100 * rate / most[name]:.0f} %")
            for kind, name in PRODUCTS.items()
        ],
    )


def share_table(count: int) -> None:
    """The whole import with the small model, next to the small model alone, timed in turn in the same run."""
    rates = measured("share", count)
    table(
        f"Import read by the small model, {count:,} posts",
        ("what", "posts/s", "share", "goal"),
        [
            ("reading alone (baseline)", f"{rates['alone']:,.0f}", "1.00", ""),
            ("whole import", f"{rates['import']:,.0f}", f"{rates['share']:.2f}", f">= {GOAL_SHARE}"),
        ],
    )


def influence_table(count: int) -> None:
    """Rating all authors and those of a day, and whether planted hubs come first and planted bots do not."""
    found = measured("influence", count)
    table(
        f"Influence, {count:,} authors, {5 * count:,} ties, SQLite",
        ("measure", "value", "work, s", "goal"),
        [
            ("all authors, s", f"{found['full_s']:,.1f}", f"{found['full_cpu_s']:,.1f}", "<= 120"),
            ("peak memory, MiB", f"{found['peak_mib']:,.0f}", "", "<= 2048"),
            (
                f"{found['day_mentions']:,} new mentions, s",
                f"{found['day_s']:,.1f}",
                f"{found['day_cpu_s']:,.1f}",
                "<= 5",
            ),
            ("hubs among the first 50", f"{found['precision']:.2f}", "", ">= 0.9"),
            ("rank of the first bot", f"{found['first_bot']:,.0f}", "", "> 500"),
        ],
    )


def analytics_tables(count: int, kind: str, name: str) -> None:
    """How fast all is counted anew, and the server time of every screen."""
    found = measured("analytics", count, kind)
    whole, day, watch = found["rebuild"], found["day"], found["watch"]
    table(
        f"Counts of the analytics, {count:,} mentions over two years, {name}",
        ("what", "on the wall", "work", "goal"),
        [
            (
                "all counted anew, mentions/s",
                f"{count / whole['wall']:,.0f}",
                f"{count / whole['work']:,.0f}",
                f">= {GOAL_REBUILD:,}",
            ),
            (
                "the team's days made anew, mentions/s",
                f"{count / found['team']['wall']:,.0f}",
                f"{count / found['team']['work']:,.0f}",
                "",
            ),
            ("a day counted anew, ms", f"{1000 * day['wall']:,.0f}", f"{1000 * day['work']:,.0f}", ""),
            (
                "alerts watched, first of a day, ms",
                f"{1000 * watch['wall']:,.0f}",
                f"{1000 * watch['work']:,.0f}",
                "",
            ),
        ],
    )
    table(
        f"Server time of a screen, {count:,} mentions over two years, {name} (goal: <= {GOAL_SCREEN_MS} ms)",
        ("screen", "on the wall, ms", "work, ms"),
        [(page, f"{took['wall']:,.0f}", f"{took['work']:,.0f}") for page, took in found["pages"].items()],
    )


def likeness_table(count: int) -> None:
    """How quickly and how surely copies with a word changed are found."""
    found = measured("likeness", count)
    table(
        f"Near-duplicates, {count:,} texts, one in eleven a copy (a word changed, a link swapped, an emoji added)",
        ("measure", "value", "goal"),
        [
            ("texts/s of work", f"{found['rate']:,.0f}", f">= {GOAL_LIKENESS:,}"),
            ("precision", f"{found['precision']:.3f}", ""),
            ("recall", f"{found['recall']:.3f}", ""),
        ],
    )


def report_table(count: int) -> None:
    """Making the weekly report and its mail, and queueing it for 500 recipients."""
    found = measured("report", count)
    table(
        f"Weekly report, {count:,} mentions in the week, SQLite",
        ("measure", "value", "work, s", "goal"),
        [
            ("made and queued for 500, s", f"{found['s']:,.1f}", f"{found['cpu_s']:,.1f}", "<= 20"),
            ("peak memory, MiB", f"{found['peak_mib']:,.0f}", "", "<= 600"),
        ],
    )


def main(full: bool) -> None:
    """All tables."""
    size = 100_000 if full else 10_000
    flow_tables(size)
    inbox_table(size)
    browser_table(size)
    nlp_table(size // 50)
    share_table(size // 25)
    mentions = 10_000_000 if full else 100_000
    analytics_tables(mentions, "sqlite", "SQLite")
    if find_postgres():
        analytics_tables(mentions, "postgres", "PostgreSQL")
    influence_table(1_000_000 if full else 50_000)
    likeness_table(size)
    report_table(1_000_000 if full else 20_000)
    detection.main(16 if full else 2)


if __name__ == "__main__":
    main("--full" in sys.argv)
