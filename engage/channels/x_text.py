"""How X counts and links a text, after twitter-text's configuration version 3. Pure.

A character weighs 1 or 2, an emoji 2 however it is put together, a link 23 whatever its length.
"""

import re
import unicodedata
from collections.abc import Iterator

MAX_WEIGHT = 280
LINK_WEIGHT = 23
EMOJI_WEIGHT = 2
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1: Latin, Greek, Cyrillic, Hebrew, Arabic … and plain punctuation. All others weigh 2."""

COMMON_ENDINGS = (
    "academy|agency|app|art|asia|bank|beer|berlin|bike|biz|blog|business|cafe|care|cat|center|"
    "city|cloud|club|coffee|com|community|company|cool|design|dev|digital|edu|education|email|"
    "energy|events|expert|express|fashion|finance|fitness|fund|fun|games|gallery|global|gov|green|"
    "group|guide|health|help|hotel|house|inc|info|int|io|jobs|land|law|legal|life|link|live|"
    "loan|london|ltd|market|marketing|media|mil|mobi|money|museum|name|net|network|news|ngo|ninja|"
    "online|org|page|paris|partners|photo|photography|photos|pizza|plus|press|pro|productions|pub|"
    "red|reviews|rocks|run|sale|school|services|shoes|shop|show|site|social|software|solar|"
    "solutions|space|store|studio|support|systems|team|tech|tel|tips|today|tools|top|tours|town|"
    "toys|trade|training|travel|university|vip|vision|watch|web|website|wiki|wine|work|works|world|"
    "xyz|yoga|zone|co|tv"
)
"""Endings of a bare domain that X turns into a link."""
COUNTRIES = (
    "ac|ad|ae|af|ag|ai|al|am|ao|aq|ar|as|at|au|aw|ax|az|ba|bb|bd|be|bf|bg|bh|bi|bj|bm|"
    "bn|bo|br|bs|bt|bw|by|bz|ca|cc|cd|cf|cg|ch|ci|ck|cl|cm|cn|cr|cu|cv|cw|cx|cy|cz|de|"
    "dj|dk|dm|do|dz|ec|ee|eg|er|es|et|eu|fi|fj|fk|fm|fo|fr|ga|gd|ge|gf|gg|gh|gi|gl|gm|"
    "gn|gp|gq|gr|gs|gt|gu|gw|gy|hk|hm|hn|hr|ht|hu|id|ie|il|im|in|iq|ir|is|it|je|jm|jo|"
    "jp|ke|kg|kh|ki|km|kn|kp|kr|kw|ky|kz|la|lb|lc|li|lk|lr|ls|lt|lu|lv|ly|ma|mc|md|me|"
    "mg|mh|mk|ml|mm|mn|mo|mp|mq|mr|ms|mt|mu|mv|mw|mx|my|mz|na|nc|ne|nf|ng|ni|nl|no|np|"
    "nr|nu|nz|om|pa|pe|pf|pg|ph|pk|pl|pm|pn|pr|ps|pt|pw|py|qa|re|ro|rs|ru|rw|sa|sb|sc|"
    "sd|se|sg|sh|si|sk|sl|sm|sn|so|sr|ss|st|su|sv|sx|sy|sz|tc|td|tf|tg|th|tj|tk|tl|tm|"
    "tn|to|tr|tt|tw|tz|ua|ug|uk|us|uy|uz|va|vc|ve|vg|vi|vn|vu|wf|ws|ye|yt|za|zm|zw"
)
"""Endings that make a link only behind two names (`shop.example.de`) or before a path (`example.de/shop`)."""

_NAME = r"[^\W_](?:[\w-]*[^\W_])?"
_PLAIN_NAME = r"[a-z0-9à-öø-ÿ](?:[a-z0-9à-öø-ÿ_-]*[a-z0-9à-öø-ÿ])?"
_IN_PATH = r"[\w!*';:=+,.$%#\[\]~@&|/?()\-–]*"
_PATH = rf"(?:[/?]{_IN_PATH})?"
_END = r"(?![a-z0-9@-])"
LINK = re.compile(
    r"(?<![a-z0-9@＠$#＃./_-])(?:"
    rf"https?://(?:{_NAME}\.)+[^\W\d_]{{2,}}(?::\d+)?{_PATH}"
    rf"|(?:{_PLAIN_NAME}\.)+(?:{COMMON_ENDINGS}){_END}{_PATH}"
    rf"|(?:{_PLAIN_NAME}\.){{2,}}(?:{COUNTRIES}){_END}{_PATH}"
    rf"|{_PLAIN_NAME}\.(?:{COUNTRIES})/{_IN_PATH})",
    re.IGNORECASE,
)
NOT_AT_THE_END = ".,;:!?'\"*[("
CASHTAG = re.compile(r"(?<!\S)\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")

_PICTURE = (
    "\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297"
    "\u3299\U0001f000-\U0001faff"
)
_ONE = rf"(?:[{_PICTURE}]\ufe0f?[\U0001f3fb-\U0001f3ff]?|[\u00a9\u00ae]\ufe0f)"
EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}"  # a flag
    rf"|[0-9#*]\ufe0f?\u20e3"  # a keycap
    rf"|\U0001f3f4[\U000e0020-\U000e007f]+"  # a region's flag
    rf"|{_ONE}(?:\u200d(?:{_ONE}|[\u2640\u2642\u2695\u2696\u2708]\ufe0f?))*"  # one, or several joined
)


def links(text: str) -> list[str]:
    """What X turns into links."""
    return [text[start:end] for start, end in _link_spans(text)]


def cashtags(text: str) -> list[str]:
    """Ticker symbols such as `$ACME`."""
    return CASHTAG.findall(text)


def weight(text: str) -> int:
    """The length of a text as X counts it against MAX_WEIGHT."""
    text = unicodedata.normalize("NFC", text)
    total, done = 0, 0
    for start, end in _link_spans(text):
        total += _plain_weight(text[done:start]) + LINK_WEIGHT
        done = end
    return total + _plain_weight(text[done:])


def _link_spans(text: str) -> Iterator[tuple[int, int]]:
    for match in LINK.finditer(text):
        yield match.start(), match.start() + len(_without_closing(match.group()))


def _without_closing(link: str) -> str:
    """The link without punctuation that belongs to the sentence around it."""
    while link[-1] in NOT_AT_THE_END or (link[-1] == ")" and link.count(")") > link.count("(")):
        link = link[:-1]
    return link


def _plain_weight(text: str) -> int:
    emoji = EMOJI.findall(text)
    return EMOJI_WEIGHT * len(emoji) + sum(_character_weight(char) for char in EMOJI.sub("", text))


def _character_weight(char: str) -> int:
    return 1 if any(first <= ord(char) <= last for first, last in LIGHT) else 2
