"""What a reading says, in the words of the panel that opens at its chips."""

from collections.abc import Sequence
from dataclasses import dataclass

from engage.corrections import Corrected, Looked
from nlp.corrections import ANSWERS, Said, answer_of, chances_of, said_by_model
from nlp.reading import Question
from nlp.tables import ReadingRow
from web.words import names, percent, places

RIVAL_FROM = 0.15
"""The second-likeliest answer is told from this probability on."""
LIKELY_FROM = 0.5
FELT_FROM = 0.6
"""A feeling has to be surer: one of them always comes first, even where none shows."""
SIGNS = {"irony": "ironic", "churn": "may leave", "offensive": "offensive", "spam": "spam"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One question that a person can correct."""

    question: Question
    now: str
    said: Said
    words: Sequence[str]
    """Those that carried what the model said."""
    rival: tuple[str, float] | None
    """What it may be instead, and how probably."""
    corrected: Corrected | None

    @property
    def sure(self) -> str:
        """How sure the model was; of urgency, how urgent it found it."""
        return f"{self.said.sure * 100:.0f} of 100" if self.question is Question.URGENCY else percent(self.said.sure)

    @property
    def choices(self) -> list[str]:
        """What else it can be read as."""
        return [str(choice) for choice in ANSWERS[self.question] if choice != self.now]


@dataclass(frozen=True, slots=True)
class Hint:
    """Something further that the model saw."""

    text: str
    sure: float | None = None
    sentiment: str = ""


def answers(looked: Looked) -> list[Answer]:
    """The three questions, each as it is read now."""
    return [_answer(looked, question) for question in Question]


def _answer(looked: Looked, question: Question) -> Answer:
    corrected = looked.corrected.get(question)
    said = said_by_model(looked.reading, question, corrected.correction if corrected else None)
    rivals = {other: chance for other, chance in chances_of(looked.reading, question).items() if other != said.answer}
    rival = max(rivals.items(), key=lambda item: item[1], default=("", 0.0))
    return Answer(
        question=question,
        now=answer_of(looked.reading, question),
        said=said,
        words=looked.reading.extra.get("because", {}).get(question, ()),
        rival=rival if rival[1] >= RIVAL_FROM else None,
        corrected=corrected,
    )


def hints(reading: ReadingRow) -> dict[str, list[Hint]]:
    """The further answers that say something, by what they are about."""
    towards = _towards(reading)
    others = [name for name in names(reading) if name not in {hint.text for hint in towards}]
    found = {"Towards": towards, "Names": [Hint(name) for name in others]}
    found["Places"] = [Hint(name) for name in places(reading)]
    found |= {"Feels": _feeling(reading), "Also": _signs(reading)}
    if reading.language not in {"en", "und"} and not reading.extra.get("uncertain"):
        found["Language"] = [Hint(reading.language)]
    return {label: some for label, some in found.items() if some}


def _towards(reading: ReadingRow) -> list[Hint]:
    return [
        Hint(name, max(chances.values()), max(chances, key=chances.__getitem__))
        for name, chances in reading.extra.get("towards", {}).items()
    ]


def _feeling(reading: ReadingRow) -> list[Hint]:
    return [Hint(name, sure) for name, sure in reading.extra.get("emotion", {}).items() if sure >= FELT_FROM]


def _signs(reading: ReadingRow) -> list[Hint]:
    return [
        Hint(words, reading.extra[sign]) for sign, words in SIGNS.items() if reading.extra.get(sign, 0) >= LIKELY_FROM
    ]
