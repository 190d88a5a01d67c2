import sys
from pathlib import Path

import pytest

from config.settings import Settings
from web.doctor import examine


def test_a_missing_pango_is_named_with_its_remedy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    found = next(one for one in examine(settings) if one.what == "PDF of reports")
    assert not found.ok
    assert found.message == "WeasyPrint's system library Pango is missing. Reports are mailed without a PDF."
    assert "apt install libpango" in found.remedy
