"""What a brand's check of replies does, as managers set it."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage.answers.check import CHOSEN, Level, Rule, Rules
from engage.answers.tables import ReplyRules
from engage.brands import get as brand
from engage.permissions import Action, require
from engage.tables import User

MOST_PROMISES, LONGEST_PROMISE, LONGEST_MASK = 100, 60, 40
MOST_OFTEN = 100


def rules_of(session: Session, brand_id: int) -> Rules:
    """The rules in force for a brand."""
    kept = session.get(ReplyRules, brand_id)
    if kept is None:
        return Rules()
    levels = {Rule(rule): Level(level) for rule, level in kept.levels.items()}
    return Rules(levels, tuple(kept.promises), kept.order_number, kept.most_same)


def change(session: Session, brand_id: int, form: Mapping[str, str], *, by: User) -> None:
    """Set them as a form says: a level by rule, `promises` a line each, `order_number`, `most_same`.

    Raises NotAllowedError, NotFoundError or InvalidInputError.
    """
    require(by, Action.MANAGE_BRANDS)
    brand(session, brand_id)
    session.merge(
        ReplyRules(
            brand_id=brand_id,
            levels={str(rule): str(_level(form, rule)) for rule in CHOSEN},
            promises=_promises(form.get("promises", "")),
            order_number=_mask(form.get("order_number", "")),
            most_same=_often(form.get("most_same", "")),
        )
    )


def _level(form: Mapping[str, str], rule: Rule) -> Level:
    try:
        return Level(form.get(rule, ""))
    except ValueError:
        raise InvalidInputError("Choose what each check does.", field=str(rule)) from None


def _promises(typed: str) -> list[str]:
    words = list(dict.fromkeys(" ".join(line.split()) for line in typed.splitlines() if line.strip()))
    if len(words) > MOST_PROMISES or any(len(word) > LONGEST_PROMISE for word in words):
        raise InvalidInputError(
            "These are too many words, or too long ones.",
            f"Take at most {MOST_PROMISES} lines of {LONGEST_PROMISE} characters.",
            field="promises",
        )
    return words


def _mask(typed: str) -> str:
    tidy = typed.strip()
    if not tidy:
        return ""
    if len(tidy) > LONGEST_MASK or sum(char in "#@" for char in tidy) < 4:
        raise InvalidInputError(
            "An order number cannot be told by this.",
            f"Write # for a digit and @ for a letter, at least four of them in at most {LONGEST_MASK} characters.",
            field="order_number",
        )
    return tidy


def _often(typed: str) -> int:
    tidy = typed.strip()
    if not (tidy.isascii() and tidy.isdigit() and 1 <= int(tidy[:6]) <= MOST_OFTEN):
        raise InvalidInputError("How often is a number.", f"Enter one from 1 to {MOST_OFTEN}.", field="most_same")
    return int(tidy)
