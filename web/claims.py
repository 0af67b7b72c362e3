"""What a token signed by the provider says, once everything about it has been checked.

Pure: the keys, the instant and what is expected come in as arguments.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from joserfc.jws import JWSRegistry

from models.people import Role

ALGORITHMS = tuple(f"{kind}{size}" for kind in ("RS", "PS", "ES") for size in (256, 384, 512))
"""Signatures with a public key. No `none`; no HS: our copy of a public key is no secret."""
_KINDS = ("RSA", "EC")
_ACCESS = ("at+jwt", "application/at+jwt", "jwt")


class NotValid(Exception):
    """A token that is not to be believed. `fault` is a class of fault, and all that is logged."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class UnknownKey(Exception):
    """The token names a key that is not among these; there may be newer ones."""


@dataclass(frozen=True)
class Expected:
    """What every token of the provider must agree with."""

    issuer: str
    audience: str
    now: datetime
    skew: int
    """Seconds by which the two clocks may differ."""


def keys_of(published: Any) -> KeySet:
    """The keys that sign, of what the provider publishes; those of unknown kinds do no harm."""
    found = []
    rows = published.get("keys") if isinstance(published, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("kty") in _KINDS and row.get("use") != "enc":
            try:
                found.append(JWKRegistry.import_key(row))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
    return KeySet(found)


def identity(
    token: str, keys: KeySet, expected: Expected, nonce: str, access_token: str
) -> dict[str, Any]:
    """The claims of an ID token that answers our own request. Raises NotValid, UnknownKey."""
    read = _read(token, keys)
    claims = _checked(read.claims, expected, nonce={"essential": True, "value": nonce})
    _authorised_party(claims, expected.audience)
    said = claims.get("at_hash")
    if said is not None and not _is_hash_of(said, access_token, str(read.header["alg"])):
        raise NotValid("at_hash")
    return claims


def access(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """The claims of an access token for this audience. Raises NotValid, UnknownKey."""
    read = _read(token, keys)
    typed = str(read.header.get("typ", "jwt")).lower()
    # An ID token says who somebody is to a client; it opens no door here.
    if typed not in _ACCESS or (typed == "jwt" and {"nonce", "at_hash"} & set(read.claims)):
        raise NotValid("typ")
    return _checked(read.claims, expected)


def _read(token: str, keys: KeySet) -> jwt.Token:
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        return jwt.decode(token, keys, registry=registry)
    except InvalidKeyIdError:
        raise UnknownKey from None
    except JoseError as fault:
        raise NotValid(fault.error or "token") from None
    except (ValueError, TypeError, KeyError):
        raise NotValid("token") from None


def _checked(claims: dict[str, Any], expected: Expected, **more: Any) -> dict[str, Any]:
    registry = jwt.JWTClaimsRegistry(
        now=int(expected.now.timestamp()),
        leeway=expected.skew,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        **more,
    )
    try:
        registry.validate(claims)
    except JoseError as fault:
        said = getattr(fault, "claim", "").partition(",")[0]
        raise NotValid(said or fault.error) from None
    return claims


def _authorised_party(claims: Mapping[str, Any], client: str) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several and "azp" not in claims) or claims.get("azp", client) != client:
        raise NotValid("azp")


def _is_hash_of(said: Any, text: str, algorithm: str) -> bool:
    digest = hashlib.new(f"sha{algorithm[-3:]}", text.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    return isinstance(said, str) and hmac.compare_digest(said.encode(), half)


# --- what the claims say ------------------------------------------------------------------------


def claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by the way to it through others, as in `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def usable_roles(
    claims: Mapping[str, Any], name: str, mapping: Mapping[str, tuple[Role, ...]]
) -> frozenset[Role] | None:
    """The only roles a sign-in lets somebody use; None when app roles are not mapped at all.

    A provider leaves the claim out for whom no app role was given; they may use none of them.
    """
    if not mapping:
        return None
    said = claim(claims, name)
    given = said if isinstance(said, list) else [said]
    return frozenset(role for one in given if isinstance(one, str) for role in mapping.get(one, ()))


def proved_at(claims: Mapping[str, Any], now: datetime, skew: int) -> datetime | None:
    """When somebody last gave their credentials, UTC, if said. Raises NotValid for nonsense."""
    said = claims.get("auth_time")
    if said is None:
        return None
    number = isinstance(said, int | float) and not isinstance(said, bool)
    # No number is between two others when it is none at all (NaN).
    if not number or not 0 <= said <= now.timestamp() + skew:
        raise NotValid("auth_time")
    return datetime.fromtimestamp(said, UTC)
