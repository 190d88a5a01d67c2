"""The model card: what the small model learnt from, how well it reads, and what it is not for."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nlp.onnx import HEADS as HEADS_FILE
from nlp.onnx import TOKENIZER, WEIGHTS
from nlp.training.data import HEADS, LABELS, VERSIONS, Corpus, invented_rows, labels_by_id
from nlp.training.evaluate import Evaluation
from nlp.training.model import BASE_FILES, BASE_PACKAGE, BASE_VERSION
from nlp.training.show import class_table, slice_table, table
from nlp.training.train import kinds

CARD = "CARD.md"
LETTER_PLACES = {"intent": 0, "urgency": 2, "churn": 3}

DATA = """| set | rows | for | licence as far as known |
|---|--:|---|---|
| SemEval-2017 task 4 A (sentiment_train) | 46,890 | sentiment | offered for research; tweets under Twitter's terms |
| SemEval-2017 task 4 C/E (topic_sentiment_train) | 28,621 | sentiment towards a name | same |
| Complaints, Preotiuc-Pietro et al. 2019 | 2,704 | complaint | none stated |
| SemEval-2018 task 3 A (irony) | 2,858 | irony | research |
| SemEval-2018 task 1 (emotion) | 3,224 | emotion | research |
| OffensEval 2019 (offensive) | 11,702 | offensive | research |
| SMS Spam Collection | 4,128 | spam | CC BY 4.0 |
| rows of these, of banking77 (CC BY 4.0), purchase_intent (MIT) | {labelled:,} | intent, urgency, churn | the same |
| invented posts | {invented:,} | the same, sentiment, sentiment towards names | Apache-2.0, with Hearken |

Of the labelled rows {drawn:,} were drawn by chance; {hard:,} are ones that an earlier model found urgent, rare or
hard, and are only learnt from. Labelled posts are learnt in three versions: as they are, with or without a handle in
front, with or without a link behind.

No text of the airline and suggestion sets (CC BY-NC-SA) was learnt from or calibrated on; the airline figures were
seen when the expected mix of sentiments was chosen. Temperatures and shifts are fitted on held-out texts; for the
figures each text is judged with those fitted on the other half (two-fold cross-fitting). The labels and the invented
posts are in `nlp/training/labels`; the texts of the sets are not part of Hearken."""

LIMITS = """- English only. Of other languages a reading says `uncertain` and gives flat chances.
- Trained on short public posts of 2013–2018: newer words, emoji and brands are read by what stands around them.
- Irony is found little better than by chance in many posts; praise that is meant as blame can be read as praise.
- Urgency was learnt from {urgent:,} urgent posts, churn from {churn:,}, most of both invented.
- The intent labels were written by language models reading to the guide, both passes: their agreement says that the
  guide can be followed, not that people would agree as often.
- Offensive and spam help to sort an inbox. No decision about a person may rest on them alone.
- Words of identity groups can raise the offensive score, as in the set it was learnt from.
- Chances are calibrated for a mix of 45 % negative, 32 % neutral and 23 % positive posts."""


def write_card(folder: Path, evaluations: Sequence[Evaluation], corpus: Corpus) -> Path:
    """CARD.md beside the model; the first evaluation is that of the model."""
    path = folder / CARD
    path.write_text(card(folder, evaluations, corpus), "utf-8")
    return path


def card(folder: Path, evaluations: Sequence[Evaluation], corpus: Corpus) -> str:
    """The text of the card."""
    model = evaluations[0]
    drawn, hard = len(labels_by_id()), len(labels_by_id(LABELS / "hard.tsv"))
    sums = [f"- `{name}`: {_sha256(folder / name)}" for name in (WEIGHTS, HEADS_FILE, TOKENIZER)]
    base = [f"- `{name}`: {checksum}" for name, checksum in BASE_FILES.items()]
    learnt = Counter(head for example in corpus.train for head in example.answers)
    shown = ", ".join(f"{head} {learnt[head]:,}" for head in HEADS)
    agreement = ", ".join(f"{head} {value:.2f}" for head, value in agreements().items())
    same = json.loads((folder / HEADS_FILE).read_text("utf-8"))["same_answers"]
    size = (folder / WEIGHTS).stat().st_size / 1e6
    classes = [f"### {head.capitalize()}, by class\n\n{class_table(model, head)}" for head in model.classes]
    parts = [
        f"# {model.model}",
        "Written by `hearken train`. One encoder of six layers (MiniLM, 22 million weights) with an answer for each "
        f"question; {size:.1f} MB in 8 bits, which left {same:.1%} of the answers as they were. Weights: Apache-2.0, "
        "subject to the terms of the data below.",
        "## Figures",
        "In per cent with 95 % bootstrap intervals, on texts that were neither learnt from nor calibrated on; "
        "calibration error in points over 15 bins; speed and memory on the machine that trained.",
        table(evaluations),
        *classes,
        "### Accuracy by slice",
        slice_table(evaluations),
        "## What it learnt from",
        DATA.format(labelled=drawn + hard, drawn=drawn, hard=hard, invented=len(invented_rows())),
        f"Held out: the `_dev` sets, and 15 % of complaints, spam, labels and invented posts. Examples by head: "
        f"{shown}. Cohen's kappa of the two passes over 300 rows, the second blind: {agreement}.",
        "## Limits",
        LIMITS.format(urgent=_posts(corpus, "urgency=high"), churn=_posts(corpus, "churn=yes")),
        "## Checksums (SHA-256)",
        "\n".join(sums),
        f"Base weights, {BASE_PACKAGE} {BASE_VERSION} (all-MiniLM-L6-v2, Apache-2.0):",
        "\n".join(base),
    ]
    return "\n\n".join(parts) + "\n"


def _posts(corpus: Corpus, kind: str) -> int:
    """How many different labelled posts of a kind (see train.kinds) were learnt from."""
    return sum(kind in kinds(example) for example in corpus.train) // VERSIONS


def agreements() -> dict[str, float]:
    """Cohen's kappa between the two passes of labelling, by head."""
    first, second = labels_by_id(), labels_by_id(LABELS / "second.tsv")
    pairs = [(first[key], second[key]) for key in second]
    return {
        head: kappa([(one[place], other[place]) for one, other in pairs]) for head, place in LETTER_PLACES.items()
    }


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """How far two labellers agree beyond chance: 1 always, 0 no more than by chance."""
    agreed = sum(one == other for one, other in pairs) / len(pairs)
    left, right = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(left[label] * right[label] for label in left) / len(pairs) ** 2
    return 1.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
