"""The Boolean query: written once, matched locally, and compiled to each network's own search.

    kestova (battery OR charger) -giveaway "customer service" #ebike @kestova charg*

Words match whole and in any case; terms side by side must all be there; OR, NOT (or a leading -) and parentheses do
what they say; a trailing * takes every word that begins so. A word also matches inside its #hashtag and @handle.
Pure: no network, no database.
"""

from listener.query.error import QueryError
from listener.query.query import Query, parse
from listener.query.searches import for_bluesky, for_hackernews, for_reddit, for_x, hashtags

__all__ = ["Query", "QueryError", "for_bluesky", "for_hackernews", "for_reddit", "for_x", "hashtags", "parse"]
