"""Answers as small as the browser takes them: pages as they are made, our files once for each version of them."""

import gzip
import io
import secrets
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request

TYPES = frozenset(
    {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
LEAST = 1024
"""Bytes below which it is not worth the while."""
PAGE_LEVEL, FILE_LEVEL = 4, 9
LONGEST_NAME = 100
"""A page holds a secret (its CSRF token) beside words that others may have chosen: the length of what is compressed
would tell how alike they are. A name of random length in its head hides that."""


def init_app(app: Flask) -> None:
    """Compress every answer of `app` that gains by it. Streams go out as they are, or they would be held back."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The same answer, compressed where the browser takes that and it is worth the while."""
    if response.mimetype not in TYPES or (response.is_streamed and not _is_file()):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or "Content-Encoding" in response.headers or not _takes_gzip():
        return response
    packed = _packed_file() if _is_file() else _packed_page(response.get_data())
    if packed:
        _replace(response, packed)
    return response


def _is_file() -> bool:
    return request.endpoint == "static" and "Range" not in request.headers


def _takes_gzip() -> bool:
    return request.method == "GET" and request.accept_encodings.quality("gzip") > 0


def _replace(response: Response, packed: bytes) -> None:
    close = getattr(response.response, "close", None)
    if close:
        close()
    response.direct_passthrough = False
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # of the same content, but not of the same bytes


def _packed_page(page: bytes) -> bytes:
    if len(page) < LEAST:
        return b""
    packed = io.BytesIO()
    name = "a" * secrets.randbelow(LONGEST_NAME)
    with gzip.GzipFile(name, "wb", PAGE_LEVEL, packed, mtime=0) as file:
        file.write(page)
    return packed.getvalue()


def _packed_file() -> bytes:
    path = Path(current_app.static_folder or "", (request.view_args or {}).get("filename", ""))
    return _packed_version(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _packed_version(path: Path, _changed_at: int) -> bytes:
    """Packed as tightly as can be, once; the cache forgets a version when its file changes."""
    content = path.read_bytes()
    return gzip.compress(content, FILE_LEVEL, mtime=0) if len(content) >= LEAST else b""
