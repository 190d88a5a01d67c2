"""Campaigns and hashtags: how much is said under each, and what changed when one appeared."""

from dataclasses import replace
from functools import partial

from sqlalchemy.orm import Session

from engage import campaigns as tags
from engage import findings
from engage.analytics import Slice
from engage.campaigns import Effect
from nlp.tags import Tag, TagKind
from web.charts import Figure, Table, number, words
from web.figure_parts import Shown, days, feelings, inbox_url, known, lots, parts, span

KINDS = {
    TagKind.HASHTAG: ("hashtags", "{} is used the most", "No mention has a hashtag", "Mentions by hashtag"),
    TagKind.CAMPAIGN: (
        "campaigns",
        "{} brought the most links",
        "No link in a mention names a campaign (utm_campaign)",
        "Mentions with a link of a campaign (utm_campaign)",
    ),
    TagKind.SOURCE: (
        "sources",
        "Most links are marked {}",
        "No link in a mention names where it was put (utm_source)",
        "Mentions with a link by where it was put (utm_source)",
    ),
}


def campaigns(session: Session, chosen: Slice) -> Shown:
    """What is said under each tag; one of them with its days before and after."""
    called = tags.names(session, chosen.brand_id)
    effect = tags.effect(session, chosen, chosen.tag) if chosen.tag else None
    closely = [_days(effect, called), _change(effect, called)] if effect else []
    figures = [_kind(session, chosen, kind, called) for kind in TagKind]
    if effect is None:
        return Shown(figures)
    return Shown([*closely, *figures], tag=effect.tag, called=called.get(effect.tag, ""))


def label(tag: Tag, called: dict[Tag, str]) -> str:
    """A tag as people know it: `#ride2work`, `Spring sale (#ride2work)`."""
    sign = f"#{tag.name}" if tag.kind is TagKind.HASHTAG else tag.name
    return f"{called[tag]} ({sign})" if tag in called else sign


def _kind(session: Session, chosen: Slice, kind: TagKind, called: dict[Tag, str]) -> Figure:
    name, most, none, measure = KINDS[kind]
    lines = tags.lines(session, chosen, kind)
    codes = [tags.code(line.tag) for line in lines]
    labels = {tags.code(line.tag): label(line.tag, called) for line in lines}
    now, before = ({tags.code(line.tag): getattr(line, when) for line in lines} for when in ("now", "before"))
    found = parts(
        lots(chosen, now, codes, labels.__getitem__, "tag"),
        lots(chosen.before, before, codes, labels.__getitem__, "tag"),
        codes,
    )
    finding = f"{most.format(found[0].label)}: {findings.mentions(found[0].size)}" if found else none
    told = f"{measure} and how they feel, {span(chosen)}; a mention may be in several."
    return feelings(name, finding, told, found, wide=kind is TagKind.HASHTAG)


def _days(effect: Effect, called: dict[Tag, str]) -> Figure:
    """Each day before and after the first one."""
    name, first, last = label(effect.tag, called), effect.after.first, effect.after.last
    lit = [replace(effect.after, first=point.first, last=point.last) for point in effect.line]
    links = [inbox_url(day) for day in lit]
    tagged = [effect.tagged.get(day.first, 0) for day in lit]
    tagged_links = [inbox_url(day, tag=tags.code(effect.tag)) for day in lit]
    labels = [days(day.first, day.last) for day in lit]
    return Figure(
        "around",
        f"{name} came up on {first.day} {first:%b %Y}: {findings.mentions(sum(tagged))} by {days(last, last)}",
        f"Mentions a day, {span(replace(effect.after, first=effect.before.first))}; below, those with {name}",
        {
            "kind": "around",
            "labels": labels,
            "all": [point.mentions for point in effect.line],
            "tagged": tagged,
            "first": effect.before.days,
            "name": name,
            "links": links,
            "tagged_links": tagged_links,
        },
        Table(
            ("Days", "Mentions", f"With {name}"),
            [
                [
                    words(labels[place]),
                    number(point.mentions, links[place]),
                    number(tagged[place], tagged_links[place]),
                ]
                for place, point in enumerate(effect.line)
            ],
        ),
        wide=True,
    )


def _change(effect: Effect, called: dict[Tag, str]) -> Figure:
    """Before, after, and after with the tag."""
    name, count = label(effect.tag, called), effect.after.days
    before, after, _ = found = parts(
        [
            ("Before", effect.heard_before, partial(inbox_url, effect.before)),
            ("After", effect.heard_after, partial(inbox_url, effect.after)),
            ("With it", effect.heard_with, partial(inbox_url, effect.after, tag=tags.code(effect.tag))),
        ]
    )
    within = f"{count} day{'' if count == 1 else 's'}"
    told = f"How people felt in the {within} before {name} came up, and in the {within} from then on."
    finding = findings.change("Negative share", after.negative, before.negative)
    return feelings("change", finding, f"{told} {known({'negative': after.negative})}", found, wide=True)
