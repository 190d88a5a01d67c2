"""Who speaks: invented people, a few with many followers, and bots."""

import re
import unicodedata
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from listener.sample.script import load

HOSTS = ("velo.example", "toots.example", "social.example", "radwelt.example", "fedi.example.org")
VOICES = {"plain": 56, "lower": 18, "emoji": 9, "tags": 7, "typos": 7, "caps": 3}
ORNAMENTS = ("",) * 18 + (" 🚲", " 🌱", " ☕", " 🦦", " ✨")
FACELESS = ("reddit", "hackernews")
"""Networks on which an account has no display name, no followers and no profile site that we could read."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a network; `chatter` is how often it speaks compared with others."""

    network: str
    handle: str
    name: str
    lang: str = "en"
    role: str = "crowd"
    followers: int | None = None
    website: str = ""
    bio: str = ""
    voice: str = "plain"
    chatter: float = 1.0


def full_handle(handle: str, network: str, rng: Random) -> str:
    """The handle as it is written on that network."""
    if network == "mastodon":
        return f"{handle}@{rng.choice(HOSTS)}"
    if network == "bluesky":
        return f"{handle.replace('_', '-')}.bsky.social"
    return handle


def plain(word: str) -> str:
    """A name in the letters that a handle may have."""
    folded = unicodedata.normalize("NFKD", word.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return re.sub(r"[^a-z0-9]", "", folded.lower())


class Cast:
    """Everybody who may speak, by role, network and language."""

    def __init__(self, rng: Random, networks: dict[str, int], size: int) -> None:
        self._rng = rng
        self._networks = networks
        self._people = load("people.toml")
        self._taken: set[str] = set()
        crowd = [self._person() for _ in range(size)]
        twins = [self._twin(one) for one in crowd if one.website][::2]
        self.accounts = [*crowd, *twins, *self._known("influencer"), *self._known("bot")]

    def pick(self, network: str, role: str = "crowd", lang: str = "en") -> Account:
        """Somebody on that network; English is spoken by all whose own scripts are Latin."""
        pool = [
            one
            for one in self.accounts
            if (one.network, one.role) == (network, role)
            and (one.lang == lang or (lang == "en" and one.lang not in ("ja", "ar")))
        ]
        return self._rng.choices(pool, [one.chatter for one in pool])[0]

    def networks(self, role: str) -> set[str]:
        """Where accounts of that role are."""
        return {one.network for one in self.accounts if one.role == role}

    def _person(self) -> Account:
        rng = self._rng
        culture: dict[str, Any] = rng.choices(
            self._people["culture"], [one["weight"] for one in self._people["culture"]]
        )[0]
        network = rng.choices(list(self._networks), list(self._networks.values()))[0]
        given, family = rng.choice(culture["given"]), rng.choice(culture["family"])
        handle = self._free(self._handle(plain(given), plain(family)), network)
        faceless = network in FACELESS
        name = rng.choice([f"{given} {family}", f"{given} {family}", given, *culture.get("display", ())])
        return Account(
            network=network,
            handle=full_handle(handle, network, rng),
            name=handle if faceless else name + rng.choice(ORNAMENTS),
            lang=culture["lang"],
            followers=None if faceless else int(rng.lognormvariate(5.4, 1.5)),
            website=f"https://{handle.replace('_', '-')}.example.org" if not faceless and rng.random() < 0.2 else "",
            bio="" if faceless or rng.random() < 0.3 else rng.choice(culture.get("bios") or self._people["bios"]),
            voice=rng.choices(list(VOICES), list(VOICES.values()))[0],
            chatter=rng.paretovariate(1.8),
        )

    def _handle(self, given: str, family: str) -> str:
        rng = self._rng
        nick = rng.choice(self._people["nick_first"]) + rng.choice(["", "_"]) + rng.choice(self._people["nick_last"])
        year = str(rng.randint(71, 99))
        both = [f"{given}_{family}", f"{given}{family}", f"{given[0]}{family}", f"{family}{given[0]}"]
        handles: list[str] = [nick, nick, *both, f"{given}{year}"]
        return rng.choice(handles)

    def _free(self, handle: str, network: str) -> str:
        """The handle, with a number where somebody has it already; X allows 15 characters."""
        length = 15 if network == "x" else 40
        free = handle[:length]
        while f"{network} {free}" in self._taken:
            free = f"{handle[: length - 2]}{self._rng.randint(2, 99)}"
        self._taken.add(f"{network} {free}")
        return free

    def _twin(self, one: Account) -> Account:
        """The same person on another network: only the site in the profile tells."""
        network = self._rng.choice([name for name in ("x", "mastodon", "bluesky") if name != one.network])
        handle = self._free(re.split(r"[@.]", one.handle)[0].replace("-", "_"), network)
        followers = int((one.followers or 0) * self._rng.uniform(0.1, 2))
        return replace(
            one, network=network, handle=full_handle(handle, network, self._rng), followers=followers, chatter=2.5
        )

    def _known(self, role: str) -> list[Account]:
        return [Account(role=role, **one) for one in self._people[role]]
