"""What axe-core, the usual checker of accessibility, finds wrong with a page as it is shown."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def faults(page: Page) -> list[str]:
    """Each rule that is broken, with where; none on a page that is in order. The context needs `bypass_csp`."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, { runOnly: tags }).then(found => found.violations)", RULES
    )
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
