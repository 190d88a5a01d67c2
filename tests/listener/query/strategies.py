"""Random queries and texts over a few words, so that they often match."""

from dataclasses import dataclass

from hypothesis import strategies as st

from listener.query.tree import And, Kind, Node, Not, Or, Term, all_of, any_of, negate

WORDS = ("kestova", "kest", "bo", "cat", "charger", "x" * 60, "y" * 60)
GAPS = (" ", ", ", "\n", " - ", "... ", " (", ") ", " / ")
SIGNS = ("", "", "#", "@")


@dataclass(frozen=True, slots=True)
class Words:
    """A text as the words it was made of, each with its sign."""

    signed: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text, in mixed case."""
        shown = [sign + (word.title() if place % 2 else word) for place, (sign, word) in enumerate(self.signed)]
        return "".join(word + gap for word, gap in zip(shown, self.gaps, strict=True))


def texts() -> st.SearchStrategy[Words]:
    """Texts of up to eight words."""
    pairs = st.lists(st.tuples(st.sampled_from(SIGNS), st.sampled_from(WORDS), st.sampled_from(GAPS)), max_size=8)
    return pairs.map(lambda found: Words(tuple((s, w) for s, w, _ in found), tuple(g for _, _, g in found)))


def _terms() -> st.SearchStrategy[Node]:
    single = st.builds(
        Term, st.sampled_from([Kind.WORD, Kind.HASHTAG, Kind.HANDLE]), st.sampled_from(WORDS), st.booleans()
    )
    phrase = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(
        lambda words: Term(Kind.PHRASE, " ".join(words))
    )
    return single | phrase


def trees() -> st.SearchStrategy[Node]:
    """Queries, some of which only exclude."""
    return st.recursive(
        _terms(),
        lambda inner: (
            inner.map(negate)
            | st.lists(inner, min_size=1, max_size=6).map(all_of)
            | st.lists(inner, min_size=1, max_size=6).map(any_of)
        ),
        max_leaves=25,
    )


def holds(node: Node, words: Words) -> bool:
    """What matching means, word by word: the slow and plain way."""
    match node:
        case Not():
            return not holds(node.part, words)
        case And():
            return all(holds(part, words) for part in node.parts)
        case Or():
            return any(holds(part, words) for part in node.parts)
        case Term(Kind.PHRASE):
            wanted, found = node.value.split(), [word for _, word in words.signed]
            return any(found[start : start + len(wanted)] == wanted for start in range(len(found)))
        case Term():
            sign = {Kind.WORD: "", Kind.HASHTAG: "#", Kind.HANDLE: "@"}[node.kind]
            return any(
                (not sign or sign == has) and (word.startswith(node.value) if node.prefix else word == node.value)
                for has, word in words.signed
            )
