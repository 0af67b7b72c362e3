"""How many requests one browser, and one address, may send: a token bucket each, in bounded memory.

A bucket holds a minute's worth and fills up evenly, so that a page with much on it is no fault.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from starlette.datastructures import Headers
from starlette.types import Scope

from runtime.settings import Settings

MOST = 10_000
"""Buckets kept of each kind; the one used least lately gives way, and is then full again."""
MINUTE = 60.0
_SAFE = frozenset({"GET", "HEAD"})
_SIGN_IN = "/sign-in"
ASSETS = "/assets/"
"""Where styles and scripts lie: the same for everybody, and kept by browsers."""


class Kind(StrEnum):
    """What a request does, as far as its limit goes."""

    SIGN_IN = "sign_in"
    POST = "post"
    READ = "read"


@dataclass
class _Bucket:
    left: float
    at: float


class Buckets:
    """Buckets of one size, by whoever draws from them. `size` is also what flows in each minute."""

    def __init__(self, size: int, most: int = MOST) -> None:
        self._size = size
        self._most = most
        self._kept: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, who: str, now: float) -> float:
        """Take one; 0, or the seconds of real time until there will be one to take."""
        found = self._kept.pop(who, None) or _Bucket(self._size, now)
        self._kept[who] = found
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        # A clock that was set back gives nothing and takes nothing.
        found.left = min(self._size, found.left + max(0.0, now - found.at) * self._size / MINUTE)
        found.at = now
        if found.left < 1:
            return (1 - found.left) * MINUTE / self._size
        found.left -= 1
        return 0.0

    def __len__(self) -> int:
        return len(self._kept)


class Limits:
    """The limits of a process, for every session and every client address."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        sizes = {
            Kind.SIGN_IN: settings.limit_sign_ins,
            Kind.POST: settings.limit_posts,
            Kind.READ: settings.limit_reads,
        }
        self._clock = clock
        self._header = settings.web_client_header
        self._of_session = {kind: Buckets(size) for kind, size in sizes.items() if size}
        self._of_address = {
            kind: Buckets(size * settings.limit_shared) for kind, size in sizes.items() if size
        }

    def wait(self, scope: Scope) -> int:
        """Seconds of real time that whoever sent this request has to wait; 0 when they need not."""
        if scope["path"].startswith(ASSETS):
            return 0
        kind = kind_of(scope)
        if kind not in self._of_session:
            return 0
        now = self._clock().timestamp()
        headers = Headers(scope=scope)
        waits = [self._of_address[kind].wait(_address(scope, headers, self._header), now)]
        session = _session(headers)
        if session:
            waits.append(self._of_session[kind].wait(session, now))
        return math.ceil(max(waits))


def kind_of(scope: Scope) -> Kind:
    """What a request does. To look at the page where one signs in is to read."""
    path, safe = scope["path"], scope["method"] in _SAFE
    if path.startswith(_SIGN_IN) and (not safe or path != _SIGN_IN):
        return Kind.SIGN_IN
    return Kind.READ if safe else Kind.POST


def _session(headers: Headers) -> str:
    """A fingerprint of what the request proves itself with; nothing that could be used is kept."""
    proof = headers.get("authorization") or headers.get("cookie") or ""
    return hashlib.sha256(proof.encode()).hexdigest() if proof else ""


def _address(scope: Scope, headers: Headers, trusted: str) -> str:
    """The client's address: what our own proxy says, if there is one, or who is connected."""
    connected = (scope.get("client") or ("unknown", 0))[0]
    # Each proxy adds at the end; what stands before is the client's own word.
    said = headers.getlist(trusted)[-1:] if trusted else []
    named = said[0].rpartition(",")[2].strip() if said else connected
    try:
        found = ipaddress.ip_address(named)
    except ValueError:
        return str(connected)
    if found.version == 6:  # noqa: PLR2004
        # One home has a whole network of them.
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
