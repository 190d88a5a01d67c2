"""What share of the rate of reading alone a whole import reaches, with the small model. Prints one JSON object."""

import json
import sys
import tempfile
from pathlib import Path

from config.process import set_up_process
from engage.pipeline import BATCH
from listener.sample import BRAND
from nlp.reading import Text, Vocabulary
from tests.bench.flow import prepare, seconds

ROUNDS = 3
NAMES = Vocabulary((BRAND.name,), tuple(BRAND.products), tuple(BRAND.competitors))


def one_round(count: int) -> tuple[float, float]:
    """Seconds of Analyser.read alone, and of the whole flow from the file to the inbox, for the same posts."""
    with tempfile.TemporaryDirectory() as name:
        pipeline = prepare(Path(name), count, "onnx")
        analyser = pipeline.reader.analyser()
        assert analyser and pipeline.rules  # loading is not part of the rates
        rows = [json.loads(line) for line in (Path(name) / "posts.jsonl").read_text("utf-8").splitlines()]
        texts = [Text(row["text"], row.get("lang", ""), NAMES) for row in rows]
        batches = [texts[start : start + BATCH] for start in range(0, count, BATCH)]
        return seconds(lambda: [analyser.read(batch) for batch in batches]), seconds(pipeline.run_once)


def main(count: int) -> dict[str, float]:
    """Rates in posts a second; the rounds alternate, so that what else this machine does touches both alike."""
    rounds = [one_round(count) for _ in range(ROUNDS)]
    alone, whole = (sum(took) / ROUNDS for took in zip(*rounds, strict=True))
    return {"alone": count / alone, "import": count / whole, "share": alone / whole}


if __name__ == "__main__":
    set_up_process()
    print(json.dumps(main(int(sys.argv[1]))))
