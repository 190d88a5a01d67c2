import csv
import io
from collections.abc import Iterator

from engage.report.content import Report, Section
from engage.report.csv import render
from engage.report.figures import tidied
from tests.engage.report.samples import SAMPLES, single, weekly


def rows(report: Report, sections: tuple[Section, ...] = tuple(Section)) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(render(tidied(report), sections).decode("utf-8-sig")))


def test_the_table_holds_the_plain_numbers() -> None:
    report = weekly()
    found = {(row["section"], row["name"], row["figure"]): row for row in rows(report)}
    for section, measures in (("figures", report.measures), ("team", report.team)):
        for one in measures:
            row = found[section, one.label, f"{one.key} ({one.unit.value})"]
            assert row["now"] == ("" if one.now is None else str(one.now))
            assert row["before"] == ("" if one.before is None else str(one.before))
    share = found["figures", "Negative", "negative (share)"]
    assert (share["low"], share["high"]) == ("0.21", "0.27")
    for day in report.trend:
        assert found["trend", day.day.isoformat(), "negative"]["now"] == str(day.negative)
        assert found["trend", day.day.isoformat(), "mentions"]["before"] == str(day.before)
    for voice in report.voices:
        assert found["voice", voice.name, "mentions"]["now"] == str(voice.count)
    assert {row["section"] for row in rows(report)} >= {section.value for section in Section}


def test_too_few_is_no_number() -> None:
    row = next(row for row in rows(single()) if row["name"] == "Negative")
    assert (row["now"], row["words"]) == ("", "too few")


def test_no_cell_is_a_formula() -> None:
    for row in rows(SAMPLES["hostile"]()):
        for cell in row.values():
            assert not cell.startswith(("=", "+", "@", "\t", "\r")) and "\n" not in cell
            assert not cell.startswith("-") or cell.lstrip("-").replace(".", "").isdigit()
    assert any(row["name"].startswith("'=cmd|") for row in rows(SAMPLES["hostile"]()))


def test_only_the_chosen_sections_are_in_it() -> None:
    found = {row["section"] for row in rows(weekly(), (Section.TREND,))}
    assert found == {"report", "figures", "trend", "notes"}
