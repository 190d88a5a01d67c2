"""The figures of the team's tab: readings of engage/team.py as charts, tables and links."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from flask_login import current_user
from sqlalchemy.orm import Session

from engage import findings, shares
from engage import team as teamwork
from engage.analytics import Slice
from engage.outcomes import Outcome
from engage.permissions import Action, allowed
from engage.shares import Share
from engage.tables import Team as TeamName
from engage.team import Flow, Team
from web.charts import Cell, Figure, Key, Table, number, words
from web.context import now
from web.figure_parts import Shown, days, inbox_url, span, sure
from web.inbox.query import EVER, bar_words

BY_CHANCE = "Intervals (95 %) are for chance alone."
MOST_PEOPLE = 12


def team(session: Session, chosen: Slice) -> Shown:
    """How quickly we answer, what waits, and what becomes of conversations."""
    moment = now()
    found, before = teamwork.team(session, chosen, moment), teamwork.team(session, chosen.before, moment)
    figures = [
        speed(chosen, found, before),
        goal(chosen, found, before, moment),
        first_answers(chosen, found),
        next_answers(chosen, found, teamwork.answered_again(found)),
        funnel(chosen, found),
        recovery(chosen, found),
        closings(chosen, found, before),
        load(chosen, teamwork.load(session, chosen)),
        flow(chosen, teamwork.flow(session, chosen, found)),
    ]
    if current_user.is_authenticated and allowed(current_user, Action.SEE_AGENTS):
        figures.append(agents(chosen, teamwork.agents(session, found)))
    return Shown(figures, _keys(chosen, found, before))


def _begun(chosen: Slice, **more: object) -> str:
    return inbox_url(chosen, begun=1, **more)


def _keys(chosen: Slice, found: Team, before: Team) -> list[Key]:
    def share(label: str, of: Callable[[Team], Share], **became: object) -> Key:
        return Key(label, sure(of(found)), f"{sure(of(before))} before", _begun(chosen, **became))

    times = (
        ("First answer, median", found.first_answer, before.first_answer),
        ("Next answer, median", found.next_answer, before.next_answer),
        ("Resolution, median", found.resolution, before.resolution),
    )
    return [
        *(Key(label, took(now.median), f"{took(old.median)} before") for label, now, old in times),
        share("Answered", teamwork.answered, answered="yes"),
        share("Within the goal", teamwork.met, outcome=Outcome.IN_TIME),
        share("Reopened", teamwork.reopened, outcome=Outcome.REOPENED),
    ]


def took(minutes: float | None) -> str:
    """A duration, or a dash."""
    return "–" if minutes is None else findings.duration(minutes)


# --- how soon ----------------------------------------------------------------------------------------------------


def speed(chosen: Slice, found: Team, before: Team) -> Figure:
    """How long answers and resolutions take."""
    times = [
        ("First answer", found.first_answer, before.first_answer),
        ("Next answer", found.next_answer, before.next_answer),
        ("Closed", found.resolution, before.resolution),
    ]
    return Figure(
        "times",
        findings.answers(found),
        f"Of conversations that began, {span(chosen)}: the median, and what nine of ten stayed within. First answers "
        "and closings from the first mention, next answers from the first mention since our last answer",
        {
            "kind": "times",
            "labels": [label for label, _, _ in times],
            "median": [now.median for _, now, _ in times],
            "p90": [now.p90 for _, now, _ in times],
            "words": [f"{took(now.median)} · {took(now.p90)}" for _, now, _ in times],
        },
        Table(
            ("", "Number", "Median", "Nine of ten within", "Median before"),
            [
                [words(label), number(now.count), *map(words, map(took, (now.median, now.p90, old.median)))]
                for label, now, old in times
            ],
        ),
    )


def goal(chosen: Slice, found: Team, before: Team, moment: datetime) -> Figure:
    """How many were answered within the brand's goal."""
    since = teamwork.waiting_since(found.goal_minutes, moment)
    steps = [
        ("In time", found.became[Outcome.IN_TIME], _begun(chosen, outcome=Outcome.IN_TIME)),
        ("Late", found.became[Outcome.LATE], _begun(chosen, outcome=Outcome.LATE)),
        (
            "Still waiting",
            found.became[Outcome.WAITING],
            _begun(chosen, outcome=Outcome.WAITING, since=since.strftime("%Y-%m-%dT%H:%M:%S")),
        ),
    ]
    return _bars(
        "goal",
        findings.goal(teamwork.met(found), teamwork.met(before), found.goal_minutes),
        f"First answers, {span(chosen)}, against the goal of {findings.duration(found.goal_minutes)}. Waiting: "
        f"complaints, questions and wishes to buy that are past it, not closed. {BY_CHANCE}",
        steps,
        [sure(shares.plain(count, teamwork.met(found).of)) for _, count, _ in steps],
        "Share of those due (95 %)",
    )


def first_answers(chosen: Slice, found: Team) -> Figure:
    """How first answers are spread."""
    steps = [
        (bar_words(place).capitalize(), count, _begun(chosen, first=place))
        for place, count in enumerate(found.first_answer.bins)
    ]
    finding = findings.spread("first answers", found.first_answer.bins, [label for label, _, _ in steps])
    measure = f"Conversations by how long the first answer took, {span(chosen)}"
    return _bars("first", finding, measure, steps, [""] * len(steps))


def next_answers(chosen: Slice, found: Team, conversations: Sequence[int]) -> Figure:
    """How later answers are spread. A conversation may have several, so those are counted beside them."""
    labels = [bar_words(place).capitalize() for place in range(len(found.next_answer.bins))]
    links = [_begun(chosen, again=place) for place in range(len(labels))]
    return Figure(
        "next",
        findings.spread("next answers", found.next_answer.bins, labels),
        f"Answers to people who wrote again, by how long they waited, {span(chosen)}; a conversation can have many",
        {
            "kind": "bars",
            "labels": labels if found.next_answer.count else [],
            "values": list(found.next_answer.bins),
            "words": [""] * len(labels),
        },
        Table(
            ("Time", "Answers", "Conversations"),
            [
                [words(label), number(count), number(size, link)]
                for label, count, size, link in zip(labels, found.next_answer.bins, conversations, links, strict=True)
            ],
        ),
    )


# --- what became of them -----------------------------------------------------------------------------------------


def funnel(chosen: Slice, found: Team) -> Figure:
    """From the mention to what came of it."""
    steps = [
        ("Mentions", found.mentions, inbox_url(chosen)),
        ("Conversations", found.begun, _begun(chosen)),
        ("Answered", found.answered, _begun(chosen, answered="yes")),
        ("Closed", found.closed, _begun(chosen, answered="yes", status="closed")),
        ("Recovered", found.became[Outcome.RECOVERED], _begun(chosen, outcome=Outcome.RECOVERED)),
        ("Leads", found.became[Outcome.LEAD], _begun(chosen, outcome=Outcome.LEAD)),
    ]
    share = teamwork.answered(found)
    of_answered = [sure(shares.plain(count, found.answered)) for _, count, _ in steps[3:]]
    return _bars(
        "funnel",
        findings.TOO_FEW if share.few else f"{sure(share)} of conversations are answered",
        f"Conversations that began, {span(chosen)}; advertising and spam left out. Recovered: unhappy, and sounded "
        "better after our answer. Leads: want to buy and were answered. Both can be closed or not",
        steps,
        ["", "", f"{sure(share)} of those begun", *(f"{words} of answered" for words in of_answered)],
        "Share (95 %)",
    )


def recovery(chosen: Slice, found: Team) -> Figure:
    """Whether people sound better after our answer."""
    steps = [
        (label, found.became[outcome], _begun(chosen, outcome=outcome))
        for label, outcome in (("Wrote again", Outcome.UNHAPPY), ("Sounded better", Outcome.RECOVERED))
    ]
    return _bars(
        "recovery",
        findings.recovery(teamwork.recovered(found)),
        f"Conversations that began, {span(chosen)}, negative before our first answer: what the person wrote last "
        f"after it. That need not be because of the answer. {BY_CHANCE}",
        steps,
        ["", sure(teamwork.recovered(found))],
        "Share (95 %)",
    )


def closings(chosen: Slice, found: Team, before: Team) -> Figure:
    """Whether people write again after we closed."""
    steps = [
        (label, found.became[outcome], _begun(chosen, outcome=outcome))
        for label, outcome in (("Closed", Outcome.CLOSED), ("Wrote again", Outcome.REOPENED))
    ]
    return _bars(
        "reopened",
        findings.change("The share reopened", teamwork.reopened(found), teamwork.reopened(before)),
        f"Conversations that began, {span(chosen)}, and were closed; those whose people wrote again. {BY_CHANCE}",
        steps,
        ["", sure(teamwork.reopened(found))],
        "Share (95 %)",
    )


# --- how much ----------------------------------------------------------------------------------------------------


def flow(chosen: Slice, line: Sequence[Flow]) -> Figure:
    """What comes in and what is done."""
    links = {
        "begun": [inbox_url(_of(chosen, point), begun=1) for point in line],
        "closed": [inbox_url(_of(chosen, point), closed=1) for point in line],
    }
    labels = [days(point.first, point.last) for point in line]
    begun, closed = sum(point.begun for point in line), sum(point.closed for point in line)
    return Figure(
        "flow",
        findings.flow(begun, closed),
        f"Conversations that began, and conversations that somebody closed, whenever they began, {span(chosen)}",
        {
            "kind": "flow",
            "labels": labels if begun or closed else [],
            "begun": [point.begun for point in line],
            "closed": [point.closed for point in line],
            "links": links,
        },
        Table(
            ("Days", "Begun", "Closed"),
            [
                [
                    words(label),
                    number(point.begun, links["begun"][place]),
                    number(point.closed, links["closed"][place]),
                ]
                for place, (label, point) in enumerate(zip(labels, line, strict=True))
            ],
        ),
        wide=True,
    )


def _of(chosen: Slice, point: Flow) -> Slice:
    return replace(chosen, first=point.first, last=point.last)


def load(chosen: Slice, found: teamwork.Load) -> Figure:
    """What waits now, by team and by person; people are named to colleagues only."""
    steps = [
        (name.capitalize(), found.teams[name], _open(chosen, team=name)) for name in TeamName if name in found.teams
    ]
    if current_user.is_authenticated:
        steps += [
            (name or "Nobody", size, _open(chosen, assignee=id_ or "nobody"))
            for id_, name, size in found.people[:MOST_PEOPLE]
        ]
    total = sum(found.teams.values())
    return _bars(
        "load",
        findings.load(total, next((size for id_, _, size in found.people if id_ is None), 0)),
        "Conversations that are open now, whenever they began, by team and by who has them",
        [("All", total, _open(chosen)), *steps] if total else [],
        ["" for _ in range(1 + len(steps))],
    )


def _open(chosen: Slice, **more: object) -> str:
    whenever = {"from": None, "to": None, "begun": EVER}
    return inbox_url(chosen, status="open", **whenever, **more)


def agents(chosen: Slice, lines: Sequence[teamwork.AgentLine]) -> Figure:
    """Who answers, how soon, and what comes back."""
    rows: list[list[Cell]] = [
        [
            words(line.name),
            number(line.answers),
            number(line.conversations, _begun(chosen, agent=line.id)),
            words(took(line.times.median)),
            words(took(line.times.p90)),
            number(line.reopened, _begun(chosen, agent=line.id, outcome=Outcome.REOPENED)),
        ]
        for line in lines
    ]
    return Figure(
        "agents",
        findings.agents([line.answers for line in lines]),
        f"Answers in conversations that began, {span(chosen)}. Only managers and admins see this",
        {"kind": "table"},
        Table(("Person", "Answers", "Conversations", "Median", "Nine of ten within", "Reopened"), rows),
        wide=True,
    )


def _bars(
    name: str,
    finding: str,
    measure: str,
    steps: Sequence[tuple[str, int, str]],
    told: Sequence[str],
    share: str = "",
) -> Figure:
    """Numbers of conversations, each with what is told beside it."""
    return Figure(
        name,
        finding,
        measure,
        {
            "kind": "bars",
            "labels": [label for label, _, _ in steps] if any(count for _, count, _ in steps) else [],
            "values": [count for _, count, _ in steps],
            "words": list(told),
            "links": [address for _, _, address in steps],
        },
        Table(
            ("", "Conversations", *([share] if share else [])),
            [
                [words(label), number(count, address), *([words(said)] if share else [])]
                for (label, count, address), said in zip(steps, told, strict=False)
            ],
        ),
    )
