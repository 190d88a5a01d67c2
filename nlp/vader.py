"""VADER, the sentiment lexicon by Hutto and Gilbert (ICWSM 2014): its scores unchanged, its detours left out."""

import re

from vaderSentiment.vaderSentiment import BOOSTER_DICT, SentimentIntensityAnalyzer, SentiText

BEFORE, AFTER = 3, 3
"""How many words on either side of a word VADER looks at."""


class Window:
    """A few words of a text, in the shape in which VADER takes a text."""

    __slots__ = ("is_cap_diff", "words_and_emoticons")

    def __init__(self, words: list[str], is_cap_diff: bool) -> None:
        self.words_and_emoticons = words
        self.is_cap_diff = is_cap_diff


class QuickVader(SentimentIntensityAnalyzer):  # type: ignore[misc]
    """Scores as the original does, in time that grows with the length of a text and not with its square.

    The original looks every character up among the emoji, and writes the whole text in lower case anew for every
    word that carries sentiment.
    """

    def __init__(self) -> None:
        super().__init__()
        single = "".join(re.escape(emoji) for emoji in self.emojis if len(emoji) == 1)
        self._emoji = re.compile(f"[{single}]")

    def polarity_scores(self, text: str) -> dict[str, float]:
        """Scores `neg`, `neu`, `pos` (shares, together 1) and `compound` (-1 to 1); all 0 without words."""
        text = (text if text.isascii() else self._spell_emoji(text)).strip()
        whole = SentiText(text)
        words: list[str] = whole.words_and_emoticons
        sentiments: list[float] = []
        for place, word in enumerate(words):
            if self._is_silent(word.lower(), words, place):
                sentiments.append(0)
            else:
                start = max(0, place - BEFORE)
                window = Window(words[start : place + AFTER], whole.is_cap_diff)
                sentiments = self.sentiment_valence(0, window, word, place - start, sentiments)
        scores: dict[str, float] = self.score_valence(self._but_check(words, sentiments), text)
        return scores

    def _is_silent(self, word: str, words: list[str], place: int) -> bool:
        if word not in self.lexicon or word in BOOSTER_DICT:
            return True
        return word == "kind" and [following.lower() for following in words[place + 1 : place + 2]] == ["of"]

    def _spell_emoji(self, text: str) -> str:
        """Emoji become their names, set off by a space from what stands before them."""
        pieces: list[str] = []
        end = 0
        for match in self._emoji.finditer(text):
            between = text[end : match.start()]
            pieces.append(between)
            if match.start() > 0 and not between.endswith(" "):
                pieces.append(" ")
            pieces.append(self.emojis[match[0]])
            end = match.end()
        return "".join(pieces) + text[end:]
