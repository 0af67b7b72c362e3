"""Which network addresses may be trusted: this machine's own, and those with TLS."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it. A name does not count: it may lead anywhere tomorrow."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def trusted(address: str) -> str:
    """The same address, when a sign-in may be sent there. Raises ValueError that says why not."""
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("give a whole address, such as https://login.example")
    if parts.username is not None:
        raise ValueError("give the address without a login in it")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("it must begin with https://, but for an address of this machine alone")
    return address
