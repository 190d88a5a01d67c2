"""The mail in Chromium as a mail program shows it, and its PDF as pictures; both stay in build/reports."""

import subprocess
from base64 import b64encode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from engage.report.mail import files
from tests.browser.conftest import ROOT
from tests.engage.report.samples import SAMPLES, look

pytestmark = pytest.mark.browser
OUT = ROOT / "build" / "reports"
SHEETS = {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(one).display !== "none")
    .map((one) => one.outerHTML.slice(0, 80))"""
CUT = """() => [...document.querySelectorAll(".value")]
    .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"""
CONTRASTS = """() => {
    const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const sheet = light(getComputedStyle(document.querySelector(".sheet")).backgroundColor);
    const walker = document.createTreeWalker(document.querySelector(".sheet"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const words = walker.currentNode.data.replace(/\\u00a0/g, "").trim();
        const colour = light(getComputedStyle(walker.currentNode.parentElement).color);
        const [low, high] = [sheet, colour].sort((a, b) => a - b);
        if (words) found.push([words.slice(0, 40), (high + 0.05) / (low + 0.05)]);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, bytes]]:
    """Every sample as files."""
    return {name: dict(files(sample(), look())) for name, sample in SAMPLES.items()}


def as_shown(raw: bytes) -> str:
    """The HTML part with its pictures, as a mail program puts them in."""
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("html",))
    assert body
    html: str = body.get_content()
    for part in mail.walk():
        if name := str(part["Content-ID"] or "").strip("<>"):
            data = b64encode(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{data}")
    return html


@pytest.mark.parametrize("theme", SHEETS)
@pytest.mark.parametrize("width", [390, 700])
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_mail_fits_and_can_be_read(
    browser: Browser, made: dict[str, dict[str, bytes]], tmp_path: Path, name: str, width: int, theme: str
) -> None:
    document = tmp_path / "mail.html"
    document.write_text(as_shown(made[name]["mail.eml"]), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(document.as_uri())

    assert [url for url in asked if not url.startswith("data:")] == [document.as_uri()]
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT) == []
    sheet = "getComputedStyle(document.querySelector('.sheet')).backgroundColor"
    assert page.evaluate(sheet) == SHEETS[theme]
    assert [(words, round(ratio, 2)) for words, ratio in page.evaluate(CONTRASTS) if ratio < 4.5] == []
    assert page.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")

    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"{name}-{width}-{theme}.png", full_page=True)
    page.close()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_pdf_has_pages_that_are_written_on(made: dict[str, dict[str, bytes]], name: str) -> None:
    from matplotlib.image import imread

    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob(f"{name}-pdf-*.png"):
        old.unlink()
    pdf = OUT / f"{name}.pdf"
    pdf.write_bytes(made[name]["report.pdf"])
    subprocess.run(["pdftoppm", "-r", "80", "-png", pdf, OUT / f"{name}-pdf"], check=True)
    pages = sorted(OUT.glob(f"{name}-pdf-*.png"))
    assert pages
    for page in pages:
        picture = imread(page)[..., :3]
        height, width = picture.shape[:2]
        margin = width // 20
        assert picture.mean() < 0.999
        assert (picture[:, -margin:] == 1).all(), "something runs over the right edge"
        assert height > width
