"""How quickly copies with other words are found, and how surely. `python -m tests.bench.likeness 100000`."""

import json
import random
import sys
import time

import numpy as np

from nlp.likeness import alike
from tests.factories import WORDS

COPIED = 10
"""One text in so many has a copy with one word changed, another link and an emoji."""


def main(count: int) -> dict[str, float]:
    """Texts a second of work, and of made copies precision and recall."""
    dice = random.Random(11)
    originals = [dice.choices(WORDS, k=dice.randrange(12, 30)) for _ in range(count * COPIED // (COPIED + 1))]
    texts = [" ".join(words) for words in originals]
    copied = originals[: count - len(originals)]
    for words in copied:
        words[dice.randrange(len(words))] = "bicycle"
        texts.append(f"{' '.join(words)} 🔥 https://short.example/{dice.randrange(9999)}")
    alike(texts[:100])
    start = time.process_time()
    groups = alike(texts)
    spent = time.process_time() - start
    found = groups[len(originals) :] == groups[: len(copied)]
    joined = len(texts) - len(np.unique(groups))
    return {
        "rate": len(texts) / spent,
        "recall": float(found.mean()),
        "precision": float(found.sum() / max(joined, 1)),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
