"""Signs of how much of an author's noise is made by people: evidence for a person to judge, never a verdict.

Pure functions of arrays. Every mention is one place in the arrays; authors are numbers from 0.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]

FEWEST_CHARACTERS = 25
"""A shorter text is said by many without copying: `love it`, `same here`."""
FEWEST_AUTHORS = 3
"""So many accounts with the same words are copying; two may be one person with two accounts."""
BESIDE = re.compile(r"https?://\S+|@[\w.@-]+")
REPOSTED = "rt @"
TAIL = "0123456789 .,!?…#-_()[]"
HOUR_S = 3600


def gist(text: str) -> str:
    """What stays the same when a text is copied with another address, handle or number behind it.

    Empty if short, and for what is passed on with its author's name: that is open, not copied.
    """
    text = text.casefold()
    if text.startswith(REPOSTED):
        return ""
    if "@" in text or "http" in text:
        text = BESIDE.sub("", text)
    core = "".join(text.split()).rstrip(TAIL)
    return core if len(core) >= FEWEST_CHARACTERS else ""


def copied_mentions(authors: Ints, gists: Ints, count: int) -> Floats:
    """For each author the number of mentions that FEWEST_AUTHORS accounts or more said alike. A gist of 0 is none."""
    told = np.flatnonzero(gists)
    _, numbers = np.unique(gists[told], return_inverse=True)
    pairs = np.unique(numbers.astype(np.int64) * count + authors[told]) // max(count, 1)
    tellers = np.bincount(pairs.astype(np.int64), minlength=int(numbers.max(initial=-1)) + 1)
    return np.bincount(authors[told], tellers[numbers] >= FEWEST_AUTHORS, count).astype(np.float64)


def busiest_hour(authors: Ints, moments: Ints, count: int) -> Floats:
    """For each author the most mentions within one hour of the clock. `moments` are seconds since 1970."""
    most = np.zeros(count)
    if authors.size:
        hours = moments // HOUR_S
        span = int(hours.max() - hours.min()) + 1
        keys, sizes = np.unique(authors.astype(np.int64) * span + (hours - hours.min()), return_counts=True)
        np.maximum.at(most, (keys // span).astype(np.int64), sizes)
    return most


def copied_share(copied: Floats, mentions: Floats) -> Floats:
    """0–1; one copied mention alone proves little, so a mention of one's own is taken for granted."""
    return np.asarray(copied / (mentions + 1))


def burst_share(busiest: Floats, mentions: Floats) -> Floats:
    """0–1: how much of what was said fell into one hour; a few posts in a row prove little."""
    return np.asarray(np.maximum(busiest - 1, 0) / (mentions + 2))


def people(copied: Floats, burst: Floats) -> Floats:
    """0–1: how much speaks for a person behind the account, by what it says and when; 1 if nothing speaks against."""
    return np.asarray((1 - copied) * np.clip(2 * (1 - burst), 0, 1))
