"""Checks a reply: gathers what the rules need to know, and lets them decide."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engage.answers import links, said
from engage.answers.check import Draft, Finding, Level, Rule, check
from engage.answers.rules import rules_of
from engage.tables import Conversation
from listener.tables import Mention
from nlp.reading import UNKNOWN_LANGUAGE

HAS_MESSAGES = frozenset({"x", "mastodon", "bluesky", "reddit"})
"""Networks on which people can write to us in private."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found."""

    findings: tuple[Finding, ...] = ()
    new_links: tuple[str, ...] = ()
    """Links that nobody has looked at yet: hand them to engage/answers/links.py `ask`."""
    awaited: bool = False
    """A link is being looked at just now."""

    @property
    def blocked(self) -> Finding | None:
        """What stops the reply."""
        return next((found for found in self.findings if found.level is Level.BLOCK), None)

    @property
    def needs_approval(self) -> bool:
        """Whether a finding asks for an approval."""
        return any(found.level is Level.APPROVE for found in self.findings)


def judge(
    session: Session, conversation: Conversation, mention: Mention, text: str, *, label: str, cost: str, now: datetime
) -> Judged:
    """Check a reply to this mention. `label`: the network for people; `cost`: what it charges for this text."""
    if not text.strip():
        return Judged()
    rules = rules_of(session, conversation.brand_id)
    looked = rules.level(Rule.LINK) is not Level.OFF
    dead, new, awaited = links.known(session, text if looked else "", now)
    draft = Draft(
        text=text,
        mention=mention.text,
        network=label,
        has_messages=mention.network in HAS_MESSAGES,
        language=_language(text),
        wanted="" if conversation.language == UNKNOWN_LANGUAGE else conversation.language,
        said=said.times_said(session, text, mention.network, now),
        dead_links=dead,
        cost=cost,
    )
    return Judged(check(draft, rules), tuple(new), bool(new) or awaited)


def _language(text: str) -> str:
    from nlp.language import surely  # its detector is heavy

    return surely(text)
