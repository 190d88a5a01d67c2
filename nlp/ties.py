"""Who turns to whom: the graph of mentions, replies and shares, and an author's place in it.

A tie leads from the author who answers or names to the one who is answered or named. Bots that answer one another are
many and loud; so a pair counts only so often however much it says, an audience whose members all know one another
counts for less than one that does not, and standing starts only at accounts that look like people.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from nlp.authenticity import Floats, Ints

PAIR_CAP = 3
"""However often one author turns to another, it counts at most so much."""
CIRCLE_TIES = 64
"""So many ties of one author are looked at for circles: more say nothing new and cost much."""
CIRCLE_WORK = 4_000_000
"""Two-step ways looked at together: bounds the memory."""
DAMPING = 0.85
"""The share of an author's standing that is handed on along the ties."""
UNHEARD = 2.0
"""Everybody turns to others whom we do not hear, too: who answered once hands on a third of the standing, not all."""
ENOUGH = 0.5
"""Who looks less than this like a person, or as one heard by people, gives no standing of its own."""
PATIENCE = 100
EXACT = 1e-7


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of `count` authors: `matrix[i, j]` says how much i turns to j, at most PAIR_CAP."""

    matrix: Any

    @property
    def count(self) -> int:
        """The number of authors."""
        return int(self.matrix.shape[0])


def tie(sources: Ints, targets: Ints, count: int) -> Ties:
    """The ties that single answers and namings make; talking to oneself makes none."""
    real = sources != targets
    ones = np.ones(int(real.sum()), np.float32)
    matrix = sparse.csr_matrix((ones, (sources[real], targets[real])), (count, count))
    np.minimum(matrix.data, PAIR_CAP, out=matrix.data)
    return Ties(matrix)


def audience(ties: Ties) -> NDArray[np.int64]:
    """For each author the number of others who turn to it."""
    return np.bincount(ties.matrix.indices, minlength=ties.count).astype(np.int64)


def circle(ties: Ties) -> Floats:
    """For each author to how many others of the same audience a member of it turns, on average.

    Near 0 for somebody whom strangers follow; many in a ring whose members all answer one another.
    """
    firsts = _first_ties(ties.matrix)
    found = np.zeros(ties.count)
    sizes = np.diff(firsts.indptr)
    work = np.concatenate(([0], np.cumsum(firsts @ sizes)))
    start = 0
    while start < ties.count:
        end = max(start + 1, int(np.searchsorted(work, work[start] + CIRCLE_WORK, "right")) - 1)
        here = firsts[start:end]
        if here.nnz:
            both = (here @ firsts).multiply(here)
            found += np.asarray(both.sum(axis=0)).ravel()
        start = end
    heard_by = np.bincount(firsts.indices, minlength=ties.count)
    return np.asarray(found / np.maximum(heard_by, 1))


def _first_ties(matrix: Any) -> Any:
    """The ties without their strength, at most CIRCLE_TIES of each author."""
    place = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], np.diff(matrix.indptr))
    kept = place < CIRCLE_TIES
    starts = np.concatenate(([0], np.cumsum(kept)))[matrix.indptr]
    ones = np.ones(int(kept.sum()), np.float32)
    return sparse.csr_matrix((ones, matrix.indices[kept], starts), matrix.shape)


def independent_audience(ties: Ties, people: Floats) -> Floats:
    """For each author how many people, independent of one another, turn to it: at most the audience."""
    present = sparse.csr_matrix(
        (np.ones(ties.matrix.nnz, np.float32), ties.matrix.indices, ties.matrix.indptr), ties.matrix.shape
    )
    return np.asarray((present.T @ people) / (1 + circle(ties)))


def standing(ties: Ties, trust: Floats) -> Floats:
    """Personalised PageRank: 1 is what a trusted author has to whom nobody turns.

    `trust` (0–1) says who hands out standing; under ENOUGH nobody does. Where nobody is trusted, all are.
    """
    if not ties.count:
        return np.zeros(0)
    seeds = np.where(trust >= ENOUGH, trust, 0.0)
    if not seeds.any():
        seeds = np.ones(ties.count)
    home = seeds / seeds.sum()
    strength = np.asarray(ties.matrix.sum(axis=1), np.float64).ravel()
    share = DAMPING / (strength + UNHEARD)
    kept = 1 - share * strength
    onward = ties.matrix.T.tocsr()
    rank = home.copy()
    for _ in range(PATIENCE):
        following = onward @ (rank * share) + (rank @ kept) * home
        change = np.abs(following - rank).sum()
        rank = following
        if change < EXACT:
            break
    lone = (rank @ kept) * home[seeds > 0].mean()
    return np.asarray(rank / lone)
