"""Of Tabler's style sheet pages get what they use, and all of it."""

import re
from pathlib import Path

import pytest

from tests.conftest import skip_or_fail
from web import tabler, vendor

TEMPLATES = Path(tabler.__file__).parent / "templates"
SCRIPTS = Path(tabler.__file__).parent / "static" / "js"
CSS = "@tabler/core/dist/css/tabler.min.css"


def used_classes() -> set[str]:
    pages = (path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    scripts = (path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    found = [value for text in pages for value in re.findall(r'class="([^"]*)"', text)]
    found += [value for text in scripts for value in re.findall(r'className = "([^"]*)"', text)]
    return {word for value in found for word in re.findall(r"[A-Za-z_][\w-]*", value)}


def test_every_class_that_pages_use_is_kept() -> None:
    file = vendor.MODULES / CSS
    if not file.exists():
        skip_or_fail("node_modules is not there; run make setup")
    known = set(tabler.CLASS.findall(re.sub(r"url\([^)]*\)", "", file.read_text(encoding="utf-8"))))
    assert used_classes() & known <= tabler.CLASSES
    assert used_classes() & known >= tabler.CLASSES, "one that nobody uses any more"


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:1}.b{x:2}", ".a{x:1}"),
        (".a,.b,.a .b,a.a:hover{x:1}", ".a,a.a:hover{x:1}"),
        ("h1,body>p{x:1}", "h1,body>p{x:1}"),
        (":is(.a,.b){x:1}:not(.a){x:2}", ":not(.a){x:2}"),
        ("@media (width>1px){.b{x:1}.a{x:2}}", "@media (width>1px){.a{x:2}}"),
        ("@media print{.b{x:1}}", ""),
        ('@charset "U;{";.a::before{content:"}.b{"}', '@charset "U;{";.a::before{content:"}.b{"}'),
        (".a{background:url(data:image/svg+xml,{;})}", ".a{background:url(data:image/svg+xml,{;})}"),
        ("@keyframes s{to{x:1}}@keyframes t{to{x:2}}.a{animation:.1s t}", "@keyframes t{to{x:2}}.a{animation:.1s t}"),
        ("/* .a{ */.a{x:1}", ".a{x:1}"),
    ],
)
def test_rules_are_kept_for_their_selectors(css: str, kept: str) -> None:
    assert tabler.purged(css, frozenset({"a"})) == kept


def test_a_sheet_that_breaks_off_is_noticed() -> None:
    with pytest.raises(ValueError, match="ends within"):
        tabler.purged(".a{x:1", frozenset({"a"}))
