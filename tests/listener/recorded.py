"""Recorded exchanges of the real networks, read from ../shared and never copied."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, body inflated."""

    method: str
    url: str
    status: int
    headers: dict[str, str]
    body: bytes


def exchanges(path: Path) -> list[Exchange]:
    """All exchanges of a cassette of vcrpy or betamax, in order."""
    text = path.read_text(encoding="utf-8")
    cassette = yaml.safe_load(text) if path.suffix == ".yaml" else json.loads(text)
    return [_read(interaction) for interaction in cassette["interactions"]]


def _read(interaction: dict[str, Any]) -> Exchange:
    request, response = interaction["request"], interaction["response"]
    body = response["body"]["string"]
    raw = body if isinstance(body, bytes) else body.encode()
    return Exchange(
        method=request["method"],
        url=request["uri"],
        status=response["status"]["code"],
        headers=dict(_kept(response["headers"])),
        body=gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw,
    )


def _kept(headers: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Headers that still fit an inflated body; without cookies."""
    for name, values in headers.items():
        if name.lower() not in {"content-encoding", "content-length", "transfer-encoding", "set-cookie"}:
            yield name, values[-1]
