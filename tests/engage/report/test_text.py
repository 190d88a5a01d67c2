from engage.report.content import Report
from engage.report.figures import figure, tidied
from engage.report.labels import EN
from engage.report.text import COLUMNS, render
from tests.engage.report.samples import SAMPLES, empty, look, single, weekly


def text_of(report: Report) -> str:
    return render(tidied(report), look(), "The same as PDF and CSV is attached.")


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_text_says_all_that_the_report_does() -> None:
    report = weekly()
    text = flat(text_of(report))
    for measure in (*report.measures, *report.team):
        shown = figure(measure, EN)
        assert flat(f"{shown.label}: {shown.value} ({shown.change})") in text
    for one in report.trend:
        assert f"▼ {one.negative} ● {one.neutral} ▲ {one.positive} (before: {one.before})" in text
    for words in (
        report.title,
        flat(report.headline),
        "late delivery: in 12 % of the mentions",
        "Kestova (us): 38 %",
    ):
        assert words in text
    assert all(gap in text for source in report.sources for gap in source.gaps)
    assert all(flat(one.words) in text for one in report.advice)
    assert "https://hearken.example/alerts/7" in text
    assert "Unsubscribe: https://hearken.example/reports/unsubscribe/token" in text


def test_lines_fit_a_narrow_window() -> None:
    for name in ("weekly", "german", "overfull", "daily", "personal"):
        lines = text_of(SAMPLES[name]()).splitlines()
        assert [line for line in lines if len(line) > COLUMNS and "https://" not in line] == [], name


def test_empty_and_single_say_so() -> None:
    assert "Nothing was heard in this time." in text_of(empty())
    assert "Negative: too few (nothing to compare with)" in flat(text_of(single()))


def test_nobody_writes_lines_of_their_own() -> None:
    lines = text_of(SAMPLES["hostile"]()).splitlines()
    assert not [line for line in lines if line.startswith("Bcc:")]
    assert "\u202e" not in "".join(lines)
