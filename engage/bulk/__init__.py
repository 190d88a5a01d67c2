"""One thing done to many conversations: chosen at once, done in batches, undone as a whole within a day."""

from engage.bulk.choosing import MOST, MOST_AT_ONCE, chosen, matching, start
from engage.bulk.deeds import Deed, Kind, of_form
from engage.bulk.reading import Told, latest, refusals, told
from engage.bulk.working import UNDO_FOR, undo, work_on, work_waiting

__all__ = [
    "MOST",
    "MOST_AT_ONCE",
    "UNDO_FOR",
    "Deed",
    "Kind",
    "Told",
    "chosen",
    "latest",
    "matching",
    "of_form",
    "refusals",
    "start",
    "told",
    "undo",
    "work_on",
    "work_waiting",
]
