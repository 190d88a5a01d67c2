"""Every sentence that a report says, in each language that reports are written in. Pure: values in, words out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from engage.causes import SENTENCES, Fact

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
}  # fmt: skip
WEEKDAYS: Mapping[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}

ENGLISH = {
    # titles
    "title_weekly": "{brand}, week {week} ({days})",
    "title_daily": "{brand}, {weekday}, {days}",
    "title_personal": "Your week {week} ({days})",
    # figures
    "mentions": "Mentions",
    "negative": "Negative share",
    "positive": "Positive share",
    "reach": "Reach",
    "voice": "Share of voice",
    "begun": "Conversations begun",
    "answered": "Answered",
    "on_time": "Answered within the goal",
    "recovered": "Unhappy people who sounded better after our answer",
    "first_answer": "First answer, half within",
    "next_answer": "Next answer, half within",
    "resolution": "Closed, half within",
    "answers": "Answers you sent",
    "own_first_answer": "Your first answers, half within",
    "assigned": "Open and assigned to you",
    "oldest": "Oldest one waits for",
    "corrections": "Readings you corrected",
    # numbers of things
    "count_mentions_one": "{number} mention",
    "count_mentions_many": "{number} mentions",
    "count_followers_one": "{number} follower",
    "count_followers_many": "{number} followers",
    "count_people_one": "{number} person",
    "count_people_many": "{number} people",
    "count_answers_one": "{number} answer",
    "count_answers_many": "{number} answers",
    "count_complaints_one": "{number} complaint",
    "count_complaints_many": "{number} complaints",
    # headlines
    "nothing": "Nothing was said about {brand}.",
    "few": "Too few mentions to say how people feel ({number}).",
    "share_is": "{share} of what was said is negative (±{margin}); too little before to compare.",
    "share_held": "Negative share held at {share} (±{margin}).",
    "share_fell": "Negative share fell from {before} to {share} (±{margin}).",
    "share_rose": "Negative share rose from {before} to {share} (±{margin}).",
    "driver": "“{phrase}” is in about {part} of what is negative.",
    "drivers": "Said more, and mostly negative: {phrases}.",
    "driver_gone": "“{phrase}” is said less.",
    "quoted": "“{phrase}”",
    "listed": "{first} and {last}",
    "part_most": "all",
    "part_half": "half",
    "part_third": "a third",
    "part_quarter": "a quarter",
    "part_sixth": "a sixth",
    "volume_first": "{mentions}, none in the period before.",
    "volume_same": "{mentions}, about as many as before.",
    "volume_more": "{mentions}, {share} more than before.",
    "volume_fewer": "{mentions}, {share} fewer than before.",
    "volume_times": "{mentions}, {times} times as many as before.",
    "own_nothing": "You sent no answer this week; {assigned} open and assigned to you.",
    "own_answers": "You sent {answers}; {assigned} open and assigned to you.",
    # people
    "why_engagement": "{rate} reactions to a mention on average",
    "why_shared": "shared {number} times",
    "why_answered": "answered {number} times",
    "why_relevance": "{about} of {mentions} about {brand}",
    "why_position": "{people} answered or named them",
    "why_rising": "attention grew by {share} in four weeks",
    # alerts
    "alert_reach": "{who} reached {count}",
    "alert_who": "One author",
    "alert_volume": "{count} mentions{about} in {span}, usually {usual}",
    "alert_negative": "{count} negative mentions{about} in {span}, usually {usual}",
    "alert_share": "{count} negative mentions{about} in {span}, usually {usual} among as many",
    "alert_about": " of {topic}",
    **{f"cause_{form}": text for form, text in SENTENCES.items()},
    "minutes": "{number} min",
    "hours": "{number} h",
    "whole_days": "{number} d",
    # sources
    "imported": "Imported",
    "gap_stopped": "Stopped, nothing heard since {moment}: {why}",
    "gap_stopped_at_once": "Stopped, nothing heard yet: {why}",
    "gap_waiting": "Not heard since {moment}: {why}",
    "gap_paused": "Paused by a person; last heard {moment}.",
    "gap_paused_at_once": "Paused by a person; nothing heard yet.",
    "gap_missing": "{moment}: {why}",
    "gap_new": "Listens since {moment} only.",
    "gap_silent": "Nothing came on {days}, usually about {number} a day.",
    "gap_unknown": "the network gave no reason",
    # advice
    "do_answer": "Answer what waits: {complaints} of this time, still open without an answer.",
    "do_answer_urgent": "Answer what waits: {complaints} of this time, still open and unanswered, {urgent} urgent.",
    "do_driver": "Look into “{phrase}”: {now} of what is said, {before} before, {negative} of it negative.",
    "do_source": "Mend the source {source}: what it should have heard is missing here.",
    "do_thank": "Thank {who}: new, for {brand}, with {followers}.",
    "do_talk": "Talk to {who}: new, against {brand}, with {followers}.",
    "do_competitors": "Name competitors of {brand} to see its share of voice.",
    "do_alert": "Look at the alert that nobody has taken: {alert}.",
    "do_nothing": "Nothing is pressing.",
    "do_own_oldest": "Answer the oldest conversation that is assigned to you: it waits for {span}.",
    "do_listen": "Check what {brand} listens for: no source is set up.",
    # notes
    "note_late": "This report is late: it was due on {moment}, and Hearken could not make it then.",
    "note_looked_back": "The alerts were found looking back: Hearken did not listen for the brand at that time.",
    "note_unwatched": "Hearken did not listen for the brand at that time, so it raised no alerts.",
    "note_few": "With so few mentions, shares say nothing; they are left out.",
    "note_margin": "± is for chance (95 %).",
    "note_errors": "With the known errors of the reading engine, the negative share lies between {low} and {high}.",
    "note_unknown_errors": "The errors of the reading engine ({engine}) were not measured.",
    "note_engine": "Read by {engine}.",
    "note_young": "{brand} is listened for since {day}: there is little or nothing to compare with.",
    "note_blind": "Not everything was heard: {sources}.",
    "note_sampled": "What drives the change was told from {looked} of {of} mentions.",
    "note_days": "Days are those of {zone}.",
    "note_people": "People are rated as of {day}, and were heard in this time.",
    "note_reach": "Reach adds up the followers of the authors; the same person may be in it many times.",
    "note_daily": "Compared with the same weekday a week before.",
}

GERMAN = {
    "title_weekly": "{brand}, Woche {week} ({days})",
    "title_daily": "{brand}, {weekday}, {days}",
    "title_personal": "Ihre Woche {week} ({days})",
    "mentions": "Erwähnungen",
    "negative": "Negativer Anteil",
    "positive": "Positiver Anteil",
    "reach": "Reichweite",
    "voice": "Anteil am Gespräch",
    "begun": "Begonnene Gespräche",
    "answered": "Beantwortet",
    "on_time": "Rechtzeitig beantwortet",
    "recovered": "Unzufriedene, die nach unserer Antwort zufriedener klangen",
    "first_answer": "Erste Antwort, die Hälfte binnen",
    "next_answer": "Weitere Antwort, die Hälfte binnen",
    "resolution": "Geschlossen, die Hälfte binnen",
    "answers": "Ihre Antworten",
    "own_first_answer": "Ihre ersten Antworten, die Hälfte binnen",
    "assigned": "Offen und Ihnen zugewiesen",
    "oldest": "Das älteste wartet seit",
    "corrections": "Von Ihnen berichtigt",
    "count_mentions_one": "{number} Erwähnung",
    "count_mentions_many": "{number} Erwähnungen",
    "count_followers_one": "{number} Follower",
    "count_followers_many": "{number} Followern",
    "count_people_one": "{number} Person",
    "count_people_many": "{number} Personen",
    "count_answers_one": "{number} Antwort",
    "count_answers_many": "{number} Antworten",
    "count_complaints_one": "{number} Beschwerde",
    "count_complaints_many": "{number} Beschwerden",
    "nothing": "Über {brand} wurde nichts gesagt.",
    "few": "Zu wenige Erwähnungen, um die Stimmung zu nennen ({number}).",
    "share_is": "{share} des Gesagten sind negativ (±{margin}); zum Vergleichen war es vorher zu wenig.",
    "share_held": "Der negative Anteil blieb bei {share} (±{margin}).",
    "share_fell": "Der negative Anteil sank von {before} auf {share} (±{margin}).",
    "share_rose": "Der negative Anteil stieg von {before} auf {share} (±{margin}).",
    "driver": "„{phrase}“ steht in etwa {part} des Negativen.",
    "drivers": "Häufiger gesagt, und meist negativ: {phrases}.",
    "driver_gone": "„{phrase}“ wird seltener gesagt.",
    "quoted": "„{phrase}“",
    "listed": "{first} und {last}",
    "part_most": "allem",
    "part_half": "der Hälfte",
    "part_third": "einem Drittel",
    "part_quarter": "einem Viertel",
    "part_sixth": "einem Sechstel",
    "volume_first": "{mentions}, im Zeitraum davor keine.",
    "volume_same": "{mentions}, etwa so viele wie zuvor.",
    "volume_more": "{mentions}, {share} mehr als zuvor.",
    "volume_fewer": "{mentions}, {share} weniger als zuvor.",
    "volume_times": "{mentions}, {times}-mal so viele wie zuvor.",
    "own_nothing": "Sie haben diese Woche keine Antwort gesendet; offen und Ihnen zugewiesen: {assigned}.",
    "own_answers": "Sie haben {answers} gesendet; offen und Ihnen zugewiesen: {assigned}.",
    "why_engagement": "im Schnitt {rate} Reaktionen auf eine Erwähnung",
    "why_shared": "{number}-mal geteilt",
    "why_answered": "{number}-mal beantwortet",
    "why_relevance": "{about} von {mentions} über {brand}",
    "why_position": "{people} antworteten oder nannten den Namen",
    "why_rising": "die Aufmerksamkeit wuchs in vier Wochen um {share}",
    "alert_reach": "{who} erreichte {count}",
    "alert_who": "Ein Autor",
    "alert_volume": "{count} Erwähnungen{about} in {span}, üblich sind {usual}",
    "alert_negative": "{count} negative Erwähnungen{about} in {span}, üblich sind {usual}",
    "alert_share": "{count} negative Erwähnungen{about} in {span}, unter ebenso vielen sind {usual} üblich",
    "alert_about": " zu {topic}",
    "cause_burst": "Vermutlich abgestimmt: {part} von {whole} Erwähnungen sagen fast dasselbe, "
    "von {accounts} Konten, {new} davon neu hier.",
    "cause_viral_post": "Ein Beitrag verbreitete sich: {part} von {whole} wiederholen, was @{handle} sagte.",
    "cause_viral_thread": "Ein Gespräch: {part} von {whole} Erwähnungen gehören zu dem von @{handle}.",
    "cause_author": "@{handle} sprach und erreichte {reach} Menschen.",
    "cause_network": "Vor allem in einem Netzwerk: {share} auf {network}, üblich sind {usual}.",
    "cause_newcomers": "Viele neue Autoren: {share} von {authors} sprachen vorher nicht davon, üblich sind {usual}.",
    "cause_negative": "{share} sind negativ, üblich sind {usual}.",
    "cause_phrases": "Gesagt wird: {phrases}.",
    "minutes": "{number} Min.",
    "hours": "{number} Std.",
    "whole_days": "{number} T.",
    "imported": "Importiert",
    "gap_stopped": "Angehalten, seit {moment} nichts gehört: {why}",
    "gap_stopped_at_once": "Angehalten, noch nichts gehört: {why}",
    "gap_waiting": "Seit {moment} nicht gehört: {why}",
    "gap_paused": "Von Hand angehalten; zuletzt gehört {moment}.",
    "gap_paused_at_once": "Von Hand angehalten; noch nichts gehört.",
    "gap_missing": "{moment}: {why}",
    "gap_new": "Hört erst seit {moment} zu.",
    "gap_silent": "Nichts kam am {days}, üblich sind etwa {number} am Tag.",
    "gap_unknown": "das Netzwerk nannte keinen Grund",
    "do_answer": "Beantworten Sie, was wartet: {complaints} aus dieser Zeit, noch offen und ohne Antwort.",
    "do_answer_urgent": "Beantworten Sie, was wartet: {complaints} aus dieser Zeit, noch offen und ohne Antwort, "
    "davon {urgent} dringend.",
    "do_driver": "Gehen Sie „{phrase}“ nach: {now} des Gesagten, vorher {before}, davon {negative} negativ.",
    "do_source": "Bringen Sie die Quelle {source} in Ordnung: Was sie hätte hören sollen, fehlt hier.",
    "do_thank": "Danken Sie {who}: neu, für {brand}, mit {followers}.",
    "do_talk": "Sprechen Sie mit {who}: neu, gegen {brand}, mit {followers}.",
    "do_competitors": "Nennen Sie Wettbewerber von {brand}, um den Anteil am Gespräch zu sehen.",
    "do_alert": "Sehen Sie sich den Alarm an, um den sich noch niemand kümmert: {alert}.",
    "do_nothing": "Nichts drängt.",
    "do_own_oldest": "Beantworten Sie das älteste Ihnen zugewiesene Gespräch: Es wartet seit {span}.",
    "do_listen": "Prüfen Sie, wo {brand} zuhört: Es ist keine Quelle eingerichtet.",
    "note_late": "Dieser Bericht kommt spät: Er war am {moment} fällig, und Hearken konnte ihn da nicht machen.",
    "note_looked_back": "Die Warnungen fand der Rückblick: Hearken hörte damals noch nicht für die Marke zu.",
    "note_unwatched": "Hearken hörte damals noch nicht für die Marke zu und gab deshalb keine Warnungen.",
    "note_few": "Bei so wenigen Erwähnungen sagen Anteile nichts; sie sind weggelassen.",
    "note_margin": "± steht für den Zufall (95 %).",
    "note_errors": "Mit den bekannten Fehlern des Lesers liegt der negative Anteil zwischen {low} und {high}.",
    "note_unknown_errors": "Die Fehler des Lesers ({engine}) wurden nicht gemessen.",
    "note_engine": "Gelesen von {engine}.",
    "note_young": "Für {brand} wird seit {day} zugehört: Zu vergleichen gibt es wenig oder nichts.",
    "note_blind": "Nicht alles wurde gehört: {sources}.",
    "note_sampled": "Was die Änderung treibt, sagen {looked} von {of} Erwähnungen.",
    "note_days": "Die Tage sind die von {zone}.",
    "note_people": "Menschen sind bewertet, wie sie am {day} standen, und wurden in dieser Zeit gehört.",
    "note_reach": "Die Reichweite zählt die Follower der Autoren zusammen; dieselbe Person kann oft darin sein.",
    "note_daily": "Verglichen mit demselben Wochentag eine Woche zuvor.",
}
TEXTS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN}
PARTS = ((0.85, "part_most"), (0.42, "part_half"), (0.29, "part_third"), (0.21, "part_quarter"), (0.14, "part_sixth"))
"""How much from where on, in words; less is not worth a headline."""


def say(language: str, key: str, **values: object) -> str:
    """A sentence with its values."""
    return TEXTS[language][key].format(**values)


def count(language: str, what: str, number_: int) -> str:
    """`1 mention`, `1,204 mentions`, `1.204 Erwähnungen`."""
    return say(language, f"count_{what}_{'one' if number_ == 1 else 'many'}", number=number(language, number_))


def number(language: str, value: float, digits: int = 0) -> str:
    """`1,204.5`, `1.204,5`."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def percent(language: str, share: float) -> str:
    """`31 %`, `0.4 %`."""
    value = 100 * share
    return f"{number(language, value, 0 if value >= 1 or value < 0.05 else 1)} %"


def listed(language: str, names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return say(language, "listed", first=", ".join(names[:-1]), last=names[-1])


def sentence(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def part(language: str, share: float) -> str:
    """`half`, `a third`; empty where it is too little to name."""
    return next((say(language, key) for least, key in PARTS if share >= least), "")


def days(language: str, first: date, last: date) -> str:
    """`16–22 November 2026`, `16.–22. November 2026`; with both months or years where they differ."""
    if first == last:
        return day(language, first)
    dot = "." if language == "de" else ""
    if first.year != last.year:
        return f"{day(language, first)} – {day(language, last)}"
    if first.month != last.month:
        return f"{first.day}{dot} {MONTHS[language][first.month - 1]} – {day(language, last)}"
    return f"{first.day}{dot}–{day(language, last)}"


def day(language: str, which: date) -> str:
    """`16 November 2026`, `16. November 2026`."""
    dot = "." if language == "de" else ""
    return f"{which.day}{dot} {MONTHS[language][which.month - 1]} {which.year}"


def moment(language: str, when: datetime) -> str:
    """`16 November 2026, 09:00`, as a clock there shows it."""
    return f"{day(language, when)}, {when:%H:%M}"


def weekday(language: str, which: date) -> str:
    """`Monday`, `Montag`."""
    return WEEKDAYS[language][which.weekday()]


def span(language: str, minutes: float) -> str:
    """`45 min`, `2 h 10 min`, `3 d 4 h`."""
    whole = max(0, round(minutes))
    if whole < 60:
        return say(language, "minutes", number=whole)
    large, small, size = ("hours", "minutes", 60) if whole < 1440 else ("whole_days", "hours", 24)
    first, rest = divmod(whole if size == 60 else round(whole / 60), size)
    tail = f" {say(language, small, number=rest)}" if rest else ""
    return say(language, large, number=first) + tail


def cause(language: str, _kind: str, sentence: str, form: str = "", facts: Mapping[str, Fact] | None = None) -> str:
    """Why an alert came, as stored (engage/causes.py). Alerts of older versions keep the English sentence alone."""
    key = f"cause_{form}"
    if language == "en" or not facts or key not in TEXTS[language]:
        return sentence
    return say(language, key, **{name: _fact(language, fact) for name, fact in facts.items()})


def _fact(language: str, fact: Fact) -> str:
    match fact:
        case float():
            return percent(language, fact)
        case int():
            return number(language, fact)
        case list():
            return ", ".join(say(language, "quoted", phrase=phrase) for phrase in fact)
    return fact
