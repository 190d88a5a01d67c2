"""`hearken learn` as scripts use it, over what tests/engage/test_learning.py puts into an inbox."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.learning import Learned
from tests.engage.test_learning import MODEL, SLANG, taught
from web.cli import main

__all__ = ["taught"]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, taught: tuple[Path, Learned]) -> Run:
    """Commands with the small model, over a database in which version 1 was learnt."""
    shutil.copy(taught[0], tmp_path / "hearken.db")
    (tmp_path / "hearken.toml").write_text('analyser = "onnx"')

    def run(*args: object, expect: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--data", str(tmp_path), *map(str, args)])
        assert result.exit_code == expect, result.output + repr(result.exception)
        return result

    return run


def test_learning_prints_figures_and_the_verdict(run: Run) -> None:
    again = run("learn").output
    assert "no better than the version in force" in again and "Version 2 is refused. Nothing changes." in again
    run("learn", "use", 0)
    told = json.loads(run("learn", "--json").stdout)
    assert (told["version"], told["state"], told["in_force"]) == (3, "kept", False)
    assert told["figures"]["intent"]["corrections"] == len(SLANG)
    run("learn", "use", 3)
    assert "reads earlier mentions again" not in run("learn").output


def test_versions_are_listed_with_their_figures(run: Run) -> None:
    [listed] = json.loads(run("learn", "list", "--json").stdout)
    assert (listed["version"], listed["model"], listed["state"], listed["in_force"]) == (1, MODEL, "kept", True)
    assert listed["figures"]["sentiment"]["verdict"] == "kept"
    lines = run("learn", "list").output.splitlines()
    assert len(lines) == 3 and lines[0].split()[:3] == ["version", "made", "model"]
    assert "sentiment" in lines[1] and f"0 -> {len(SLANG)}" in lines[2]


def test_two_versions_are_compared(run: Run) -> None:
    lines = json.loads(run("learn", "compare", 0, 1, "--json").stdout)
    found = {(line["question"], line["what"]): line for line in lines}
    told = found["intent", "corrections, right"]
    assert (told["A: model alone"], told["of"]) == (0, len(SLANG)) and told["B: version 1"] > 0.9 * len(SLANG)
    assert found["intent", "of them made since, right"]["of"] == 0
    assert "A: version 1  B: version 1" in run("learn", "compare", 1, 1).output
    assert "There is no version 9" in run("learn", "compare", 0, 9, expect=2).output


def test_going_back_and_forth_tells_who_reads(run: Run) -> None:
    assert f"read by {MODEL}." in run("learn", "use", 0).output
    assert f"read by {MODEL}+1." in run("learn", "use", 1).output
    assert "There is no version 7" in run("learn", "use", 7, expect=2).output


def test_old_mentions_are_read_again_by_the_version_in_force(run: Run) -> None:
    again = ("analyse", "--re-read", "--since", "2026-11-01")
    assert f"again by {MODEL}+1." in run(*again).output
    assert "0 mentions read again" in run(*again).output
    run("learn", "use", 0)
    assert f"again by {MODEL}." in run(*again).output


def test_word_lists_cannot_learn_and_say_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hearken.toml").write_text('analyser = "lexicon"')
    output = run("learn", expect=2).output
    assert "cannot learn" in output and 'analyser = "onnx"' in output
