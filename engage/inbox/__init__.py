"""What the inbox shows. Only reads; every function costs a fixed number of statements, however many rows it shows."""

from engage.inbox.asking import NOBODY
from engage.inbox.listing import MOST_COUNTED, PAGE_SIZE, Line, Lines, Size, counts, lines, size, texts
from engage.inbox.news import Choices, Pulse, choices, is_empty, pulse
from engage.inbox.thread import Opened, news_of, opened
from engage.inbox.wanted import QUEUES, Wanted, queue

__all__ = [
    "MOST_COUNTED",
    "NOBODY",
    "PAGE_SIZE",
    "QUEUES",
    "Choices",
    "Line",
    "Lines",
    "Opened",
    "Pulse",
    "Size",
    "Wanted",
    "choices",
    "counts",
    "is_empty",
    "lines",
    "news_of",
    "opened",
    "pulse",
    "queue",
    "size",
    "texts",
]
