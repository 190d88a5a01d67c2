"""The inbox in Chromium: a thread of 5,000 messages, 10,000 new rows, the first page. Prints one JSON object."""

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.conftest import EMAIL, FLAGS, PASSWORD, Hearken, log_in
from tests.browser.desk import FIRST_LOOK_MS, arrive, furnish, lengthen

THREAD = 5000
ROUNDS = 9
STEPS = 5
OPEN = """number => new Promise(done => { const start = performance.now(), link = document.createElement("a");
  link.href = `/c/${number}`; link.dataset.open = ""; document.body.append(link);
  const shows = () => document.querySelector(`#conversation[data-id="${number}"] .entry`);
  new MutationObserver((_, watch) => { if (!shows()) return;
    watch.disconnect(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); })
    .observe(document.getElementById("workspace"), { childList: true, subtree: true, attributes: true });
  link.click(); link.remove(); })"""
PALETTE = """() => { const field = document.getElementById("palette-input"), start = performance.now();
  field.value = "asn"; field.dispatchEvent(new Event("input")); document.getElementById("palette").offsetHeight;
  return performance.now() - start; }"""
OURS = ("text/html", "text/css", "text/javascript", "application/javascript")


def first_page(page: Page, talk: CDPSession) -> float:
    """KB of HTML, CSS and JS as they come over the line, without their heads, with an empty cache."""
    kinds: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    talk.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["response"]["mimeType"]}))
    talk.on("Network.dataReceived", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    talk.send("Network.enable")
    talk.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto("/?queue=all")
    page.wait_for_timeout(1500)
    talk.send("Network.disable")
    return sum(size for number, size in sizes.items() if kinds.get(number) in OURS) / 1000


def thread_ms(page: Page) -> tuple[float, float]:
    """Median and worst time from the click to the painted thread of 5,000, and back to a short one between."""
    took = []
    for _ in range(ROUNDS):
        page.evaluate(OPEN, 2)
        took.append(page.evaluate(OPEN, 1))
    return statistics.median(took), max(took)


def palette_ms(page: Page) -> float:
    """Median time to find commands for what was typed, and lay them out."""
    page.keyboard.press("Control+k")
    took = statistics.median(page.evaluate(PALETTE) for _ in range(ROUNDS))
    page.keyboard.press("Escape")
    return took


def state(page: Page, talk: CDPSession) -> dict[str, float]:
    """What the page holds after a collection of garbage."""
    talk.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in talk.send("Performance.getMetrics")["metrics"]}
    rows = page.locator("#lines > [data-id]").count()
    return {"heap_mb": found["JSHeapUsedSize"] / 1e6, "nodes": found["Nodes"], "rows": rows}


def growing(page: Page, talk: CDPSession, hearken: Hearken, count: int) -> list[dict[str, float]]:
    """What it holds before and while that many rows come in, most of them shown by "." as they come."""
    talk.send("Performance.enable")
    page.goto("/")
    page.wait_for_timeout(FIRST_LOOK_MS)
    found = [{"new": 0.0} | state(page, talk)]
    batch = count // STEPS // 10
    for number in range(1, STEPS * 10 + 1):
        arrive(hearken, batch, f"step{number}x")
        page.wait_for_selector("#waiting")
        page.keyboard.press(".")
        page.wait_for_selector("#waiting", state="detached")
        if number % 10 == 0:
            found.append({"new": float(number * batch)} | state(page, talk))
    return found


def main(count: int) -> dict[str, object]:
    """All of it, with that many new rows."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        hearken = Hearken(Path(name) / "data")
        person = ("user", "add", EMAIL, "--role", "admin", "--team", "support", "--password-stdin")
        hearken.run(*person, stdin=PASSWORD + "\n")
        furnish(hearken, 300)
        lengthen(hearken, 1, THREAD)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(base_url=hearken.url).new_page()
        log_in(page)
        talk = page.context.new_cdp_session(page)
        try:
            kb = first_page(page, talk)
            median, worst = thread_ms(page)
            start = time.perf_counter()
            memory = growing(page, talk, hearken, count)
            return {
                "first_page_kb": kb,
                "thread_ms": median,
                "thread_worst_ms": worst,
                "palette_ms": palette_ms(page),
                "memory": memory,
                "took_s": time.perf_counter() - start,
            }
        finally:
            browser.close()
            hearken.stop()


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
