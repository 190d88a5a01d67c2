"""What the inbox shows. Only reads; every function costs a fixed number of statements, however many rows it shows."""

from engage.inbox.asking import NOBODY
from engage.inbox.holding import MOST_WAITING, Held, held, lines_above
from engage.inbox.listing import MOST_COUNTED, PAGE_SIZE, Line, Lines, counts, lines, texts
from engage.inbox.news import Choices, Pulse, choices, is_empty, pulse
from engage.inbox.person import Person, person
from engage.inbox.sizes import Size, size, size_at_once
from engage.inbox.thread import Opened, news_of, opened
from engage.inbox.wanted import QUEUES, Wanted, queue

__all__ = [
    "MOST_COUNTED",
    "MOST_WAITING",
    "NOBODY",
    "PAGE_SIZE",
    "QUEUES",
    "Choices",
    "Held",
    "Line",
    "Lines",
    "Opened",
    "Person",
    "Pulse",
    "Size",
    "Wanted",
    "choices",
    "counts",
    "held",
    "is_empty",
    "lines",
    "lines_above",
    "news_of",
    "opened",
    "person",
    "pulse",
    "queue",
    "size",
    "size_at_once",
    "texts",
]
