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
_TRACKERS = re.compile(r"^(utm_.*|fbclid|igshid|si|s|t|ref.*)$", re.IGNORECASE)
_PREFIX = re.compile(r"^((www|m|mobile)\.)+(?=[^.]+\.)")
_MAIN_HOST = {"twitter.com": "x.com", "youtu.be": "youtube.com"}
_UNRESOLVED = ("fb.watch", "t.co", "bit.ly", "tinyurl.com", "lnkd.in")
_PLATFORMS = {
    "facebook.com": Platform.FACEBOOK,
    "fb.com": Platform.FACEBOOK,
    "fb.watch": Platform.FACEBOOK,
    "instagram.com": Platform.INSTAGRAM,
    "x.com": Platform.X,
    "twitter.com": Platform.X,
    "linkedin.com": Platform.LINKEDIN,
    "youtube.com": Platform.YOUTUBE,
    "youtu.be": Platform.YOUTUBE,
    "tiktok.com": Platform.TIKTOK,
    "snapchat.com": Platform.SNAPCHAT,
    "reddit.com": Platform.REDDIT,
    "redd.it": Platform.REDDIT,
    "whatsapp.com": Platform.WHATSAPP,
    "wa.me": Platform.WHATSAPP,
    "telegram.org": Platform.TELEGRAM,
    "telegram.me": Platform.TELEGRAM,
    "t.me": Platform.TELEGRAM,
}
"""Hosts by the name of their platform in the forms (9.1)."""
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
    if _bare(parts.hostname) == "youtu.be" and path:
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
    host = (hostname or "").lower().rstrip(".")
    if "." not in host or host.endswith(".local") or _is_private(host):
        raise ValueError("the address does not name a public site")
    host = _bare(host)
    return _MAIN_HOST.get(host, host)


def _bare(host: str | None) -> str:
    """A host without what only says for which screen it is, and without the root's dot."""
    return _PREFIX.sub("", (host or "").rstrip("."))


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def unresolved(address: str) -> bool:
    """Whether an address is a short link whose target nobody may look up here."""
    return urlsplit(address).hostname in _UNRESOLVED


def platform_of(address: str) -> Platform | None:
    """The platform an address leads to, as the forms name it; None for any other site.

    By the host alone: nothing is fetched, and a look-alike of a host is another site.
    """
    host = _bare(urlsplit(address).hostname)
    found = (of for known, of in _PLATFORMS.items() if host == known or host.endswith(f".{known}"))
    return next(found, None)


def host_disagrees(address: str, platform: Platform) -> bool:
    """Whether an address is not on the platform chosen beside it: a warning, never a refusal (9.7).

    A short link may lead anywhere, so it disagrees with nothing.
    """
    if unresolved(address) and platform_of(address) is None:
        return False
    chosen = platform if platform in _PLATFORMS.values() else None
    return platform_of(address) != chosen


def author_of(platform: Platform, handle: str) -> str | None:
    """Whose post it is, in the one spelling used to compare it; None when no handle is visible."""
    normal = normalise_handle(handle)
    return f"{platform}:{normal}" if normal else None


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
