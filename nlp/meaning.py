"""What a text is about as a direction: texts of like meaning point the same way (nlp/training/meaning.py)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST = 127
"""A direction is kept in signed bytes; this is its length."""


def as_bytes(meanings: NDArray[np.float32]) -> list[bytes]:
    """Each row's direction, a signed byte a number."""
    lengths = np.linalg.norm(meanings, axis=1, keepdims=True)
    steps = np.round(meanings / np.maximum(lengths, 1e-9) * LONGEST).astype(np.int8)
    return [row.tobytes() for row in steps]


def likeness(one: bytes, others: Sequence[bytes]) -> NDArray[np.float32]:
    """How alike in meaning one text is to each of the others: 1 the same, about 0 nothing in common.

    A direction that is not known (empty) is like nothing.
    """
    own = _direction(one)
    rows = [_direction(other) for other in others]
    return np.array([own @ row if len(own) == len(row) else 0.0 for row in rows], np.float32)


def _direction(kept: bytes) -> NDArray[np.float32]:
    numbers = np.frombuffer(kept, np.int8).astype(np.float32)
    length = float(np.linalg.norm(numbers))
    return numbers / length if length else numbers
