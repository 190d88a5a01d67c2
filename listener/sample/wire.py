"""How posts look on each network: ids, addresses, lengths."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

LIMIT = {"x": 280, "mastodon": 500, "bluesky": 300, "reddit": 10_000, "hackernews": 10_000}
X_EPOCH_MS = 1_288_834_974_657
DIGITS_36 = "0123456789abcdefghijklmnopqrstuvwxyz"
DIGITS_32 = "234567abcdefghijklmnopqrstuvwxyz"


def in_base(number: int, digits: str) -> str:
    """A number written with these digits."""

    def backwards(rest: int) -> Iterator[str]:
        while rest:
            rest, digit = divmod(rest, len(digits))
            yield digits[digit]

    return "".join(backwards(number))[::-1]


def post_id(network: str, at: datetime, serial: int, handle: str, root: bool) -> str:
    """An id of the network's shape that grows with time; `serial` (< 5,000) keeps two of one moment apart."""
    ms = int(at.timestamp() * 1000)
    counted = ms // 86_400_000 * 5000 - 50_000_000 + serial
    if network == "x":
        return str((ms - X_EPOCH_MS) << 22 | serial)
    if network == "mastodon":
        return str(ms << 16 | serial)
    if network == "bluesky":
        did = in_base(int(sha256(handle.encode()).hexdigest(), 16), DIGITS_32)[:24]
        return f"at://did:plc:{did}/app.bsky.feed.post/{in_base(ms * 5000 + serial, DIGITS_32)}"
    if network == "reddit":
        return f"{'t3' if root else 't1'}_{in_base(counted + 36**6, DIGITS_36)}"
    return str(counted)


def post_url(network: str, post: str, thread: str, handle: str) -> str:
    """An address of the network's shape, on a host that nobody owns."""
    host = f"https://{network}.example.com"
    if network == "x":
        return f"{host}/{handle}/status/{post}"
    if network == "mastodon":
        return f"{host}/@{handle}/{post}"
    if network == "bluesky":
        return f"{host}/profile/{handle}/post/{post.rpartition('/')[2]}"
    if network == "reddit":
        comment = "" if post == thread else f"_/{post[3:]}/"
        return f"{host}/r/ebikes/comments/{thread[3:]}/{comment}"
    return f"{host}/item?id={post}"
