"""A report as PDF, by WeasyPrint, which reaches nothing but what the document itself holds."""

import logging

MISSING = "WeasyPrint's system library Pango is missing."
REMEDY = "Install it, for example with: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class NoPdfError(Exception):
    """This installation cannot make PDFs."""


def render(html: str) -> bytes:
    """The document as PDF. Raises NoPdfError where Pango is missing."""
    check()
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it names each line of CSS meant for mail clients
    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",)))
    made: bytes = document.write_pdf(
        presentational_hints=True
    )  # the widths of cells are attributes, as mails want them
    return made


def check() -> None:
    """Raise NoPdfError unless PDFs can be made."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        raise NoPdfError(MISSING) from error
