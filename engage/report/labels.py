"""The fixed words of a report in each language it can be written in; the Report itself brings the rest."""

from dataclasses import dataclass

from engage.report.content import ReportKind, Section


@dataclass(frozen=True, slots=True)
class Labels:
    """One language. `{…}` are filled in by who shows them."""

    code: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    moment: str
    thousands: str
    decimal: str
    percent: str
    millions: str
    min: str
    h: str
    d: str
    negative: str
    neutral: str
    positive: str
    few: str
    none: str
    """Where there is nothing to measure."""
    before: str
    as_before: str
    not_before: str
    point: str
    points: str
    under_a_minute: str
    headings: dict[Section, str]
    nothing_heard: str
    no_drivers: str
    no_people: str
    no_alerts: str
    few_heard: str
    one_day: str
    trend_caption: str
    trend_alt: str
    trend_alt_day: str
    all: str
    mentions_before: str
    mentions: str
    mention: str
    ours: str
    voice_negative: str
    rising: str
    falling: str
    driver: str
    driver_negative: str
    is_new: str
    is_rising: str
    followers: str
    score: str
    since: str
    lasted: str
    still_open: str
    nothing_missed: str
    missed: str
    notes: str
    attached: str
    attached_without_pdf: str
    no_pdf: str
    pdf_too_large: str
    made: dict[ReportKind, str]
    made_at: str
    unsubscribe: str


EN = Labels(
    code="en",
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    day="{weekday} {day} {month}",
    moment="{weekday} {day} {month}, {time}",
    thousands=",",
    decimal=".",
    percent="{}\u00a0%",
    millions="{}M",
    min="min",
    h="h",
    d="d",
    negative="negative",
    neutral="neutral",
    positive="positive",
    few="too few",
    none="–",
    before="before: {}",
    as_before="about as before: {}",
    not_before="nothing to compare with",
    point="point",
    points="points",
    under_a_minute="under 1 min",
    headings={
        Section.TREND: "How it went",
        Section.VOICE: "Share of voice",
        Section.DRIVERS: "What drove it",
        Section.PEOPLE: "Voices that carry far",
        Section.ALERTS: "Alerts",
        Section.TEAM: "How the team answered",
        Section.SOURCES: "Where we listened",
        Section.ADVICE: "What to do",
    },
    nothing_heard="Nothing was heard in this time.",
    no_drivers="No phrase stands out against the time before.",
    no_people="Nobody new or rising stands out.",
    no_alerts="No alert: nothing was said more than usual.",
    few_heard="{count} in this time, {before} before: too few for a chart.",
    one_day="{count} on {day}: {negative} negative, {neutral} neutral, {positive} positive; {before} before.",
    trend_caption="Mentions a day by sentiment. The line is the time before.",
    trend_alt="Mentions a day. {days}",
    trend_alt_day="{day}: {count} ({negative} negative, {neutral} neutral, {positive} positive), before {before}.",
    all="all",
    mentions_before="before",
    mentions="{} mentions",
    mention="{} mention",
    ours="us",
    voice_negative="{} negative",
    rising="Said more",
    falling="Said less",
    driver="in {now} of the mentions, before {before}",
    driver_negative="{} of them negative",
    is_new="new",
    is_rising="rising",
    followers="{} followers",
    score="score {} of 100",
    since="since {}",
    lasted="{} to {}",
    still_open="still open",
    nothing_missed="nothing missed",
    missed="Missed",
    notes="About these figures",
    attached="The same as PDF and CSV is attached.",
    attached_without_pdf="The figures as CSV are attached.",
    no_pdf="Without a PDF: this Hearken lacks a part that makes it. Its admin finds the remedy with hearken doctor.",
    pdf_too_large="Without a PDF: it would be too large for a mail. The page in Hearken has it.",
    made={
        ReportKind.WEEKLY: "The weekly report of {brand}",
        ReportKind.DAILY: "The daily report of {brand}",
        ReportKind.PERSONAL: "Your week",
    },
    made_at="made {moment}",
    unsubscribe="Unsubscribe",
)

DE = Labels(
    code="de",
    weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=("Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    day="{weekday} {day}. {month}",
    moment="{weekday} {day}. {month}, {time}",
    thousands=".",
    decimal=",",
    percent="{}\u00a0%",
    millions="{} Mio.",
    min="Min.",
    h="Std.",
    d="T.",
    negative="negativ",
    neutral="neutral",
    positive="positiv",
    few="zu wenige",
    none="–",
    before="zuvor: {}",
    as_before="etwa wie zuvor: {}",
    not_before="nichts zum Vergleichen",
    point="Punkt",
    points="Punkte",
    under_a_minute="unter 1 Min.",
    headings={
        Section.TREND: "Wie es lief",
        Section.VOICE: "Anteil am Gespräch",
        Section.DRIVERS: "Was es bewegt hat",
        Section.PEOPLE: "Stimmen mit Reichweite",
        Section.ALERTS: "Alarme",
        Section.TEAM: "Wie das Team geantwortet hat",
        Section.SOURCES: "Wo wir zugehört haben",
        Section.ADVICE: "Was zu tun ist",
    },
    nothing_heard="In dieser Zeit wurde nichts gehört.",
    no_drivers="Keine Wendung sticht gegenüber der Zeit davor heraus.",
    no_people="Niemand Neues oder Aufsteigendes sticht heraus.",
    no_alerts="Kein Alarm: Nichts wurde häufiger gesagt als üblich.",
    few_heard="{count} in dieser Zeit, zuvor {before}: zu wenige für ein Bild.",
    one_day="{count} am {day}: {negative} negativ, {neutral} neutral, {positive} positiv; zuvor {before}.",
    trend_caption="Erwähnungen je Tag nach Stimmung. Die Linie ist die Zeit davor.",
    trend_alt="Erwähnungen je Tag. {days}",
    trend_alt_day="{day}: {count} ({negative} negativ, {neutral} neutral, {positive} positiv), zuvor {before}.",
    all="alle",
    mentions_before="zuvor",
    mentions="{} Erwähnungen",
    mention="{} Erwähnung",
    ours="wir",
    voice_negative="{} negativ",
    rising="Häufiger gesagt",
    falling="Seltener gesagt",
    driver="in {now} der Erwähnungen, zuvor {before}",
    driver_negative="davon {} negativ",
    is_new="neu",
    is_rising="im Aufstieg",
    followers="{} Follower",
    score="{} von 100 Punkten",
    since="seit {}",
    lasted="{} bis {}",
    still_open="noch offen",
    nothing_missed="nichts verpasst",
    missed="Verpasst",
    notes="Zu diesen Zahlen",
    attached="Dasselbe als PDF und CSV liegt bei.",
    attached_without_pdf="Die Zahlen liegen als CSV bei.",
    no_pdf="Ohne PDF: Diesem Hearken fehlt ein Teil dafür. Abhilfe nennt der Administration hearken doctor.",
    pdf_too_large="Ohne PDF: Es wäre zu groß für eine Mail. Die Seite in Hearken hat es.",
    made={
        ReportKind.WEEKLY: "Der Wochenbericht zu {brand}",
        ReportKind.DAILY: "Der Tagesbericht zu {brand}",
        ReportKind.PERSONAL: "Ihre Woche",
    },
    made_at="erstellt {moment}",
    unsubscribe="Abbestellen",
)

LANGUAGES = {"en": EN, "de": DE}


def labels(language: str) -> Labels:
    """The words for a language, English where there are none of it."""
    return LANGUAGES.get(language, EN)
