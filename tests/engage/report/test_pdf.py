"""PDFs need WeasyPrint's system library; where it is missing the mail goes without (test_report_mail.py)."""

import subprocess
import sys
from pathlib import Path

import pytest

from engage.report import pdf as report_pdf
from tests.conftest import skip_or_fail


@pytest.fixture(autouse=True)
def pango() -> None:
    try:
        report_pdf.check()
    except report_pdf.NoPdfError:
        skip_or_fail("Pango is not installed")


def text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "made.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


def test_a_document_becomes_a_pdf(tmp_path: Path) -> None:
    assert "Hello, Öst" in text_of(report_pdf.render("<p>Hello, Öst"), tmp_path)


def test_it_reaches_no_file_and_no_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'leaked' }")
    html = f'<link rel="stylesheet" href="{secret.as_uri()}"><img src="http://127.0.0.1:9/x.png"><p>Safe'
    assert "leaked" not in text_of(report_pdf.render(html), tmp_path)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    with pytest.raises(report_pdf.NoPdfError, match="Pango"):
        report_pdf.check()
