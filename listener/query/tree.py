"""What a query is made of: terms, and what joins them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """The four kinds of term."""

    WORD = auto()
    PHRASE = auto()
    HASHTAG = auto()
    HANDLE = auto()


SIGNS = {Kind.WORD: "", Kind.PHRASE: "", Kind.HASHTAG: "#", Kind.HANDLE: "@"}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for. `value` holds no sign, quotes or star."""

    kind: Kind
    value: str
    prefix: bool = False
    """Every word that begins with the value."""

    @property
    def literal(self) -> str:
        """As it stands in a text: `kestova`, `customer service`, `#ebike`, `@kestova`."""
        return SIGNS[self.kind] + self.value

    def __str__(self) -> str:
        if self.kind is Kind.PHRASE:
            return f'"{self.value}"'
        return self.literal + ("*" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not match."""

    part: "Node"

    def __str__(self) -> str:
        return f"-{_inside(self.part, (And, Or))}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts must match. Two parts at least."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(_inside(part, (Or,)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts must match. Two parts at least."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(_inside(part, ()) for part in self.parts)


Node = Term | Not | And | Or


def _inside(part: Node, in_parentheses: tuple[type, ...]) -> str:
    return f"({part})" if isinstance(part, in_parentheses) else str(part)


def negate(part: Node) -> Node:
    """Not, without ever doubling it."""
    return part.part if isinstance(part, Not) else Not(part)


def all_of(parts: Iterable[Node]) -> Node:
    """And: flattened, without repetitions, and only where there is more than one part. `parts` must not be empty."""
    flat = _flat(parts, And)
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Node]) -> Node:
    """Or: flattened, without repetitions, and only where there is more than one part. `parts` must not be empty."""
    flat = _flat(parts, Or)
    return flat[0] if len(flat) == 1 else Or(flat)


def _flat(parts: Iterable[Node], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    found: dict[Node, None] = {}
    for part in parts:
        found.update(dict.fromkeys(part.parts if isinstance(part, kind) else (part,)))
    return tuple(found)


def terms(node: Node, *, wanted: bool = True) -> Iterator[Term]:
    """The terms that speak for a match (`wanted`), or those that speak against it."""
    match node:
        case Term():
            if wanted:
                yield node
        case Not():
            yield from terms(node.part, wanted=not wanted)
        case And() | Or():
            for part in node.parts:
                yield from terms(part, wanted=wanted)
