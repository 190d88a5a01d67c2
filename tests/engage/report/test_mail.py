"""The mail as it is sent, parsed again."""

import struct
import zlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from engage.report.html import Look
from engage.report.mail import LARGEST, build, file_name, files
from engage.report.pdf import NoPdfError
from tests.engage.report.samples import SAMPLES, empty, look, weekly

PDF = b"%PDF-1.7 made by a test"


def picture(width: int, height: int, level: int = 0) -> bytes:
    """A grey PNG; at level 0 it is as large as it can be."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, level)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def sent(mail: EmailMessage) -> EmailMessage:
    """As it arrives."""
    found = message_from_bytes(mail.as_bytes(policy=SMTP), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def without_pdf(html: str) -> bytes:
    raise NoPdfError("Pango is missing.")


def made(name: str = "weekly", look_: Look | None = None) -> EmailMessage:
    return sent(build(SAMPLES[name](), look_ or look(), lambda html: PDF))


def test_the_mail_has_text_html_chart_pdf_and_csv() -> None:
    mail = made(look_=look(logo=picture(8, 8), logo_type="image/png"))
    assert mail["Subject"] == "Kestova, week 47 (16–22 November 2026)"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
        "application/pdf",
        "text/csv",
    ]
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "kestova-2026-11-16.pdf",
        "kestova-2026-11-16.csv",
    ]
    assert next(mail.iter_attachments()).get_content() == PDF


def test_every_picture_of_the_html_is_in_the_mail() -> None:
    mail = made(look_=look(logo=picture(8, 8), logo_type="image/png"))
    html = mail.get_body(("html",))
    assert html
    named = {str(part["Content-ID"]).strip("<>") for part in mail.walk() if part["Content-ID"]}
    assert len(named) == 2
    assert all(f'src="cid:{name}"' in html.get_content() for name in named)
    assert html.get_content().count('src="') == 2


def test_without_mentions_there_is_no_picture() -> None:
    mail = sent(build(empty(), look(), lambda html: PDF))
    assert not [part for part in mail.walk() if part.get_content_maintype() == "image"]


@pytest.mark.parametrize("name", ["weekly", "german"])
def test_where_no_pdf_can_be_made_the_mail_goes_without_and_says_so(name: str) -> None:
    mail = sent(build(SAMPLES[name](), look(), without_pdf))
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/csv"]
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body and "hearken doctor" in " ".join(body.get_content().split())


def test_no_name_reaches_the_headers() -> None:
    mail = made("hostile")
    assert mail["Bcc"] is None
    assert str(mail["Subject"]).startswith("<script>alert(1)</script> Bcc: x@example.com 😀")
    assert mail.get_body(("plain",))
    assert file_name(SAMPLES["hostile"](), "pdf") == "script-alert-1-script-bcc-x-example-com-2026-11-16.pdf"


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_mail_stays_within_a_megabyte_with_everything_in_it(name: str) -> None:
    logo = picture(450, 450)
    assert 190_000 < len(logo) < 204_800
    found = files(SAMPLES[name](), look(logo=logo, logo_type="image/png"))
    assert len(found["mail.eml"]) <= LARGEST
    assert found["report.pdf"].startswith(b"%PDF")
    assert b"application/pdf" in found["mail.eml"]


def test_a_pdf_that_does_not_fit_stays_behind() -> None:
    mail = sent(build(weekly(), look(), lambda html: PDF + bytes(LARGEST)))
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/csv"]
    body = mail.get_body(("plain",))
    assert body and "too large for a mail" in " ".join(body.get_content().split())


def test_the_same_report_gives_the_same_parts() -> None:
    one, other = files(weekly(), look(), without_pdf), files(weekly(), look(), without_pdf)
    assert one.keys() == {"report.html", "report.txt", "report.csv", "charts/trend.png", "mail.eml"}
    assert all(one[name] == other[name] for name in one if name != "mail.eml")
    assert b'src="data:image/png;base64,' in one["report.html"] and b"cid:" not in one["report.html"]
