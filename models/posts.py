"""The identity of an address on social media (policy analysis 6.4, 9.1, 9.7).

The system never fetches a link. Two spellings of one address become one; nothing else is guessed.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit


class Platform(StrEnum):
    """The platforms a form offers (9.1). `x` is Twitter too (open question 9)."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    X = "x"
    LINKEDIN = "linkedin"
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"
    SNAPCHAT = "snapchat"
    REDDIT = "reddit"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    WEBSITE = "website"
    OTHER = "other"


class HowSeen(StrEnum):
    """How the reporter came to see the post; nobody is asked to look for more (2.1)."""

    SENT_TO_ME = "sent_to_me"
    SHOWN_BY_FAMILY = "shown_by_family"
    TOLD_BY_COLLEAGUE = "told_by_colleague"
    OFFICIAL_MONITORING = "official_monitoring"
    BY_CHANCE = "by_chance"
    I_SEARCHED = "i_searched"
    OTHER = "other"


class Visibility(StrEnum):
    """Who can see the post, as far as the reporter knows."""

    PUBLIC = "public"
    OPEN_GROUP = "open_group"
    CLOSED_GROUP = "closed_group"
    PRIVATE_MESSAGE = "private_message"
    UNKNOWN = "unknown"


LONGEST = 2048
"""Characters of an address; browsers cut longer ones."""
_TRACKERS = re.compile(r"^(utm_.*|fbclid|igshid|si|s|t|ref.*)$")
_PREFIX = re.compile(r"^((www|m|mobile)\.)+(?=[^.]+\.)")
_MAIN_HOST = {"twitter.com": "x.com", "youtu.be": "youtube.com"}
_UNRESOLVED = ("fb.watch", "t.co", "bit.ly", "tinyurl.com", "lnkd.in")
_QUOTES = "\u201c\u201d\u2018\u2019\"'"
LONGEST_HANDLE = 100
_HANDLE = re.compile(r"[^\s:/?<>]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


def normalise_url(address: str) -> str:
    """One spelling for one post: lower-case host, mobile hosts and trackers gone, twitter = x.

    Raises ValueError, in plain words, for what is not a public web address.
    """
    address = address.strip().strip(_QUOTES).rstrip(_QUOTES + ".,;")
    if " " in address or not address.isprintable():
        raise ValueError("give one address, with no spaces or invisible characters in it")
    if len(address) > LONGEST:
        raise ValueError(f"the address is too long (at most {LONGEST} characters)")
    parts = _split(address)
    if parts.scheme not in ("http", "https"):
        raise ValueError("an address starts with http:// or https://")
    host = _host(parts.netloc, parts.hostname)
    path, query = parts.path.rstrip("/"), parse_qsl(parts.query)
    if parts.hostname == "youtu.be" and path:
        path, query = "/watch", [("v", path.strip("/")), *query]
    kept = [(key, value) for key, value in query if not _TRACKERS.match(key)]
    return urlunsplit(("https", host, path, urlencode(kept), ""))


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        # The library's own words repeat the address, which is case text.
        raise ValueError("the address cannot be read; copy it from the browser again") from None


def _host(netloc: str, hostname: str | None) -> str:
    if "@" in netloc:
        raise ValueError("an address with a user name in it is refused")
    host = (hostname or "").lower()
    if "." not in host or host.endswith(".local") or _is_private(host):
        raise ValueError("the address does not name a public site")
    host = _PREFIX.sub("", host)
    return _MAIN_HOST.get(host, host)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def unresolved(address: str) -> bool:
    """Whether an address is a short link whose target nobody may look up here."""
    return urlsplit(address).hostname in _UNRESOLVED


def normalise_handle(handle: str) -> str:
    """A handle for matching: NFKC, invisible characters gone, case folded, no leading @."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", handle)).strip()
    return plain.removeprefix("@").casefold()


def normalise_account(account: str) -> str:
    """A handle or an address, in the one spelling used to compare it."""
    if "://" in account:
        return normalise_url(account)
    handle = normalise_handle(account)
    if len(handle) > LONGEST_HANDLE or not (handle.isprintable() and _HANDLE.fullmatch(handle)):
        raise ValueError(
            f"give a handle (at most {LONGEST_HANDLE} characters, no spaces),"
            " or one address that starts with https://"
        )
    return handle
