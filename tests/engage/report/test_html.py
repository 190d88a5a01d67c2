"""What a mail client is given: every figure is there, nothing is fetched, nothing that others wrote is believed."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from engage.report.charts import has_trend
from engage.report.colours import DARK, LIGHT, TEXT, contrast
from engage.report.content import Report, Section
from engage.report.figures import figure, tidied
from engage.report.html import render, shown_sections
from engage.report.labels import DE, EN
from tests.engage.report.samples import HEBREW, SAMPLES, empty, look, personal, single, weekly

IMAGES = {"trend": "cid:trend", "logo": "cid:logo"}


class Reader(HTMLParser):
    """Text, tags and attributes of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All that is read, in one line."""
        return " ".join(" ".join(self.words).replace("\u00a0", " ").split())


def read(report: Report, **changed: object) -> Reader:
    images = IMAGES if has_trend(report) else {}
    return Reader(render(tidied(report), look(**changed), images, "mail", "attached"))


def said(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_every_figure_of_the_report_is_read() -> None:
    report = weekly()
    text = read(report).text
    for measure in (*report.measures, *report.team):
        shown = figure(measure, EN)
        for part in (shown.label, shown.value, shown.step, shown.before):
            assert said(part) in text
    for voice in report.voices:
        assert voice.name in text.replace("\u2068", "") and f"{voice.count:,}" in text
    for driver in report.drivers:
        assert driver.words in text
        assert all(quote.text in text for quote in driver.quotes)
    for person in report.people:
        assert str(person.score) in text and person.why in text
    for source in report.sources:
        assert source.name in text and f"{source.mentions} mentions" in text
        assert all(gap in text for gap in source.gaps)
    for words in (report.alerts[0].headline, *report.alerts[0].causes, *report.notes):
        assert words in text
    assert "44 % (42–46)" in text
    assert "in 12 % of the mentions, before 4 %, 86 % of them negative" in text
    assert "Tue 17 Nov, 09:15 to Tue 17 Nov, 20:40" in text


def test_the_chart_has_its_numbers_in_words() -> None:
    alt = next(attrs["alt"] or "" for tag, attrs in read(weekly()).tags if attrs.get("src") == "cid:trend")
    assert "Mon 16 Nov: 197 mentions (61 negative, 92 neutral, 44 positive), before 150." in alt
    assert alt.count("before") == 7


def test_nothing_is_fetched_and_nothing_runs() -> None:
    for name, sample in SAMPLES.items():
        page = read(sample())
        assert {tag for tag, _ in page.tags} <= {
            *("html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "div", "p"),
            *("h1", "h2", "h3", "a", "img", "span", "br"),
        }, name
        for _, attrs in page.tags:
            assert not [key for key in attrs if key.startswith("on")]
            assert (attrs.get("src") or "cid:").startswith("cid:")
            assert (attrs.get("href") or "https://hearken.example/").startswith("https://hearken.example/")
            assert "url(" not in (attrs.get("style") or "")


def test_styles_are_inline_and_only_what_adapts_is_left_in_the_head() -> None:
    html = render(tidied(weekly()), look(), IMAGES, "mail")
    kept = "".join(re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))
    assert "@media (prefers-color-scheme: dark)" in kept and "@media (max-width: 520px)" in kept
    assert "24px 24px" not in kept
    assert re.search(r'<h1[^>]* style="[^"]*font-size: ?24px', html)


def test_the_headline_stands_first_and_before_the_mail_is_opened() -> None:
    html = render(tidied(weekly()), look(), IMAGES, "mail")
    body = html[html.index("<body") :]
    assert body.index(weekly().headline[:12]) < body.index("<h1") < body.index("1,284")
    assert 'name="color-scheme" content="light dark"' in html


def test_what_others_write_is_text() -> None:
    html = render(tidied(SAMPLES["hostile"]()), look(), IMAGES, "mail")
    assert "script" not in {tag for tag, _ in Reader(html).tags}
    assert "&lt;script&gt;" in html
    assert "javascript:" not in html
    assert "\u202e" not in html
    assert f"\u2068{HEBREW}" in html


@pytest.mark.parametrize("colour", ["#ffff00", "#000000", "#ffffff", "#0f766e", "nonsense"])
def test_any_brand_colour_can_be_read(colour: str) -> None:
    html = render(tidied(weekly()), look(colour=colour), {}, "mail")
    light = re.search(r'class="title brand"[^>]*color: ?(#[0-9a-f]{6})', html.replace(" ;", ";"))
    dark = re.search(r"dark\) \{ \.brand, \.link \{ color: (#[0-9a-f]{6})", html)
    assert light and contrast(light[1], LIGHT) >= TEXT
    assert dark and contrast(dark[1], DARK) >= TEXT


def test_every_text_colour_can_be_read_on_both_sheets() -> None:
    from engage.report.html import TEMPLATES

    light = re.findall(r"(?<!-)color: (#[0-9a-f]{6})", (TEMPLATES / "report.css").read_text())
    dark = re.findall(r"(?<!-)color: (#[0-9a-f]{6})", (TEMPLATES / "report_adapting.css").read_text())
    assert len(light) > 10 and len(dark) > 4
    assert all(contrast(colour, LIGHT) >= TEXT for colour in light if colour != "#f7f7f5")
    assert all(contrast(colour, DARK) >= TEXT for colour in dark)


def test_only_what_the_plan_wants_is_shown_in_the_order_of_the_report() -> None:
    text = read(weekly(), sections=[Section.TEAM, Section.TREND]).text
    assert text.index("How it went") < text.index("How the team answered")
    assert "What drove it" not in text and "Where we listened" not in text


def test_nothing_said_is_said_in_words() -> None:
    text = read(empty()).text
    assert "Nothing was heard in this time." in text
    assert "No alert: nothing was said more than usual." in text
    assert "What drove it" not in text and "Negative – nothing to compare with" in text


def test_one_mention_says_too_few() -> None:
    page = read(single())
    assert "Negative too few" in page.text
    assert "1 mention in this time, 0 before: too few for a chart." in page.text
    assert shown_sections(single(), list(Section)).count(Section.VOICE) == 0


def test_a_single_day_is_a_sentence() -> None:
    text = read(SAMPLES["daily"]()).text
    assert "197 mentions on Mon 16 Nov: 61 negative, 92 neutral, 44 positive; 150 before." in text


def test_a_persons_own_week_has_only_what_it_has() -> None:
    assert shown_sections(personal(), list(Section)) == [Section.ADVICE]
    assert "Your week, made" in read(personal()).text


def test_german_headings_and_numbers() -> None:
    page = read(SAMPLES["german"]())
    assert page.tags[0][1]["lang"] == "de"
    assert all(DE.headings[section] in page.text for section in Section)
    assert "9.431.870" in page.text and "before" not in page.text


def test_without_an_address_nothing_is_a_link() -> None:
    assert not [tag for tag, _ in read(weekly(), base_url="", unsubscribe_url="").tags if tag == "a"]


def test_names_of_any_length_leave_the_table_whole() -> None:
    voices = [replace(weekly().voices[0], share=share) for share in (0.0, 0.004, 0.5, 0.999, 1.0)]
    widths = [
        int((attrs["width"] or "").removesuffix("%"))
        for tag, attrs in read(replace(weekly(), voices=voices)).tags
        if tag == "td" and (attrs.get("class") or "").startswith("bar ")
    ]
    assert widths == [1, 1, 50, 100, 100]
