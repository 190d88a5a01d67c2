import json
from pathlib import Path

from web import vendor


def test_a_second_run_with_nothing_changed_does_nothing(tmp_path: Path) -> None:
    runs: list[Path] = []
    assert vendor.main(tmp_path / "vendor", runs.append) == 0
    assert vendor.main(tmp_path / "vendor", runs.append) == 0
    assert len(runs) == 1
    (tmp_path / "vendor" / "stamp").write_text("of an older lock")
    vendor.main(tmp_path / "vendor", runs.append)
    assert len(runs) == 2


def test_the_sprite_holds_the_drawings_asked_for_and_nothing_else(tmp_path: Path) -> None:
    frame, line = '<path stroke="none" d="M0 0h24v24H0z" fill="none"/>', '<path d="M4 13h3"/>'
    for name in ("inbox", "other"):
        (tmp_path / f"{name}.svg").write_text(f'<svg xmlns="{vendor.SVG}">{frame}{line}</svg>')
    made = vendor.sprite(tmp_path, ["inbox"])
    assert 'id="inbox"' in made
    assert "M4 13h3" in made
    assert "M0 0h24" not in made
    assert "other" not in made


def test_the_lock_names_no_host_and_pins_every_part() -> None:
    lock = json.loads(vendor.LOCK.read_text(encoding="utf-8"))
    parts = {name: part for name, part in lock["packages"].items() if name}
    assert parts
    for name, part in parts.items():
        assert part["integrity"].startswith("sha512-"), name
        assert "resolved" not in part, name
    wanted = json.loads((vendor.ROOT / "package.json").read_text(encoding="utf-8"))
    assert all(version[0].isdigit() for version in wanted["dependencies"].values())
