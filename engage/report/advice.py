"""What a report says that there is to do: sentences that follow from what was found, each with where to do it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engage import inbox, outcomes
from engage.alert_tables import AlertState
from engage.inbox import Wanted
from engage.influencers import Stance
from engage.report import headline as report_headline
from engage.report import paths, words
from engage.report.alerts import headline
from engage.report.content import (
    Advice,
    Driver,
)
from engage.report.found import Found
from engage.tables import Conversation, Priority, Status
from nlp.reading import Intent

URGENT = (Priority.HIGH, Priority.URGENT)


def advice(session: Session, found: Found, drivers: Sequence[Driver]) -> list[Advice]:
    advice = [
        *_answer(session, found),
        *_take_alerts(found),
        *_look_into(found, drivers),
        *_mend(found),
        *_talk(found),
        *_set_up(found),
    ]
    return advice or [Advice(words.say(found.asked.language, "do_nothing"))]


def _answer(session: Session, found: Found) -> list[Advice]:
    """Complaints of these days that nobody answered."""
    chosen, language = found.asked.chosen, found.asked.language
    wanted = Wanted(status=Status.OPEN, begun=chosen, intent=Intent.COMPLAINT, answered=False)
    size = inbox.size(session, wanted)
    if size is None or not size.conversations:
        return []
    pressing = select(Conversation.id).where(
        *outcomes.begun(session, chosen),
        Conversation.status == Status.OPEN,
        Conversation.intent == Intent.COMPLAINT,
        Conversation.answered_at.is_(None),
        Conversation.priority.in_(URGENT),
    )
    urgent = len(session.scalars(pressing).all())
    complaints = words.count(language, "complaints", size.conversations)
    key = "do_answer_urgent" if urgent else "do_answer"
    path = paths.inbox(chosen, queue="open", begun=1, answered="no", intent=Intent.COMPLAINT.value)
    return [Advice(words.say(language, key, complaints=complaints, urgent=words.number(language, urgent)), path)]


def _take_alerts(found: Found) -> list[Advice]:
    language = found.asked.language
    return [
        Advice(words.say(language, "do_alert", alert=headline(row, language)), paths.alert(row.id))
        for row in found.alerts
        if row.state is AlertState.OPEN
    ]


def _look_into(found: Found, drivers: Sequence[Driver]) -> list[Advice]:
    """The rising phrase that weighs most in what is negative."""
    bad = [one for one in drivers if one.rising and one.negative >= report_headline.SURELY_NEGATIVE]
    if not bad:
        return []
    language = found.asked.language
    first = max(bad, key=lambda one: one.now * one.negative)
    shown = {name: words.percent(language, getattr(first, name)) for name in ("now", "before", "negative")}
    sentence = words.say(language, "do_driver", phrase=first.words, **shown)
    return [Advice(sentence, paths.topics(found.asked.chosen))]


def _mend(found: Found) -> list[Advice]:
    language = found.asked.language
    if not found.sources:
        return [Advice(words.say(language, "do_listen", brand=found.brand.name), paths.SOURCES)]
    return [
        Advice(words.say(language, "do_source", source=one.line.name), paths.SOURCES)
        for one in found.sources
        if one.needs_care
    ]


def _talk(found: Found) -> list[Advice]:
    """The most important new person who is for the brand, and who is against it."""
    language, brand = found.asked.language, found.brand
    advice = []
    for stance, key in ((Stance.FOR, "do_thank"), (Stance.AGAINST, "do_talk")):
        new = [one.person for one in found.people if one.person.is_new and one.stance is stance]
        if new and new[0].followers is not None:
            followers = words.count(language, "followers", new[0].followers)
            sentence = words.say(language, key, who=new[0].name, brand=brand.name, followers=followers)
            advice.append(Advice(sentence, paths.influencer(brand.id, new[0].author_id)))
    return advice


def _set_up(found: Found) -> list[Advice]:
    if found.brand.competitors:
        return []
    sentence = words.say(found.asked.language, "do_competitors", brand=found.brand.name)
    return [Advice(sentence, paths.brand(found.brand.id))]
