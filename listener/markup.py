"""HTML as networks send it -> the plain text that people see. Nothing here makes HTML safe to show."""

import re
from html.parser import HTMLParser

PARAGRAPHS = frozenset({"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
LINES = frozenset({"br", "li", "hr", "tr"})
UNSEEN = frozenset({"script", "style", "template"})
TAG_CLASSES = frozenset({"mention", "hashtag"})
"""Links whose text says it all."""


def plain_text(html: str) -> str:
    """Text with line breaks kept and entities decoded; a link shows its address too, unless its text already does."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r" *\n *", "\n", "".join(reader.parts))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def first_link(html: str) -> str:
    """The web address that the first link leads to; the text itself if it is one; else empty."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts).strip()
    return reader.first_href or (text if re.fullmatch(r"https?://\S+", text) else "")


class _Reader(HTMLParser):
    """Collects the seen text of a document in `parts`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.first_href = ""
        self._unseen = 0
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in LINES:
            self.parts.append("\n")
        elif tag == "a":
            self._open_link({name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag == "a" and self._link:
            self._close_link(*self._link)
            self._link = None

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(re.sub(r"[ \t\r\n]+", " ", data))

    def _open_link(self, attributes: dict[str, str]) -> None:
        href = attributes.get("href", "")
        if not href.startswith(("http://", "https://")) or TAG_CLASSES & set(attributes.get("class", "").split()):
            return
        self.first_href = self.first_href or href
        self._link = (href, len(self.parts))

    def _close_link(self, href: str, start: int) -> None:
        shown = "".join(self.parts[start:])
        bare = href.partition("://")[2].rstrip("/")
        if shown.strip().partition("://")[2].rstrip("/") == bare or shown.strip().rstrip("/") == bare:
            self.parts[start:] = [href]
        elif not shown.strip().startswith(("#", "@")):
            self.parts[start:] = [f"{shown} ({href})" if shown.strip() else href]
