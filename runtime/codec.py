"""Payloads leave this process encrypted, bound to their namespace and case; nothing else is let in.

What arrives in plain text, altered, or copied from another case is not decrypted and never raises
(a codec that raises stops the case for ever): it is handed on as `binary/unreadable`, and the case
records the refusal. Only a key that is registered and not here yet raises, so that Temporal tries
again when it has come: refusing would be remembered, and contradicted by the next worker.

A workflow sees such a payload in two ways:
- as `RawValue`: metadata["encoding"] is b"binary/unreadable", metadata["code"] one of
  `not_encrypted`, `not_genuine`, `unknown_key`; its data the SHA-256 (hex) of what was received;
- converted, whatever the type asked for: an `UnreadablePayload`.

Bound to no case, only to the namespace, because the SDK knows none there: headers set by a client,
schedules. A case finds those unreadable; this project uses neither. Search attributes are not
encrypted by Temporal at all, so nothing personal may stand in them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverter,
    EncodingPayloadConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from runtime.keyring import KeyRing, Tampered, UnknownKey, decrypt, encrypt

ENCRYPTED = b"binary/encrypted"
UNREADABLE = b"binary/unreadable"


@dataclass(frozen=True)
class UnreadablePayload:
    """Stands where a value would: it could not be opened, and its sender was not believed."""

    code: str
    """`not_encrypted`, `not_genuine` or `unknown_key`."""
    digest: str
    """SHA-256, in hex, of the data as received."""


class CaseCodec(PayloadCodec, WithSerializationContext):
    """AES-256-GCM with namespace and workflow id as associated data.

    `decode` raises UnknownKey for a registered key that is not here, Misconfigured when the key
    file cannot be read; both are worth another try. It raises for nothing a sender can do.
    """

    def __init__(self, ring: KeyRing, namespace: str, workflow_id: str = "") -> None:
        self._ring = ring
        self._context = _bound_to(namespace, workflow_id)

    def with_context(self, context: SerializationContext) -> CaseCodec:
        """The same codec, bound to the case of this context; unchanged where there is none."""
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return CaseCodec(self._ring, context.namespace, context.workflow_id or "")
        return self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload whole, its metadata too."""
        return [
            Payload(
                metadata={"encoding": ENCRYPTED},
                data=encrypt(self._ring, payload.SerializeToString(), self._context),
            )
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what was sealed for this case; hand everything else on as unreadable."""
        return [self._open(payload) for payload in payloads]

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCRYPTED:
            return _unreadable(payload, "not_encrypted")
        try:
            return Payload.FromString(decrypt(self._ring, payload.data, self._context))
        except (Tampered, DecodeError):
            return _unreadable(payload, "not_genuine")
        except UnknownKey as unknown:
            if unknown.registered:
                raise
            return _unreadable(payload, "unknown_key")


@lru_cache(maxsize=4096)
def _bound_to(namespace: str, workflow_id: str) -> bytes:
    # JSON, so that no two pairs of names can be written alike.
    return json.dumps([namespace, workflow_id]).encode()


def _unreadable(payload: Payload, code: str) -> Payload:
    digest = hashlib.sha256(payload.data).hexdigest()
    return Payload(metadata={"encoding": UNREADABLE, "code": code.encode()}, data=digest.encode())


class _UnreadableConverter(EncodingPayloadConverter):
    @property
    def encoding(self) -> str:
        return UNREADABLE.decode()

    def to_payload(self, value: Any) -> Payload | None:
        """Nothing is made unreadable on purpose."""
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """An UnreadablePayload: raising here would stop the case at a forged result."""
        return UnreadablePayload(payload.metadata["code"].decode(), payload.data.decode())


class CasePayloadConverter(PydanticPayloadConverter):
    """Pydantic's JSON for everything, and the mark of what could not be opened."""

    def __init__(self) -> None:
        # The SDK makes one for every activation of every case; what they share is made once.
        self._set_converters(*_CONVERTERS)


_CONVERTERS = (_UnreadableConverter(), *PydanticPayloadConverter().converters.values())


class CaseFailureConverter(DefaultFailureConverter):
    """Puts message and stack trace of a failure where the codec encrypts them.

    The name of the error's class stays readable in the server, so it must never be made of text.
    """

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


@dataclass(frozen=True)
class CaseDataConverter(DataConverter):
    """The data converter, bound to a case at little cost.

    The SDK binds it several times for every message; only the codec knows of the case.
    """

    def with_context(self, context: SerializationContext) -> Self:
        """The same converter with its codec bound to the case of `context`."""
        if not isinstance(self.payload_codec, CaseCodec):
            return self
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__, payload_codec=self.payload_codec.with_context(context))
        return bound


def data_converter(ring: KeyRing | None, namespace: str) -> DataConverter:
    """The converter of worker, desk, replayer and tests alike. No ring: nothing is encrypted."""
    return CaseDataConverter(
        payload_converter_class=CasePayloadConverter,
        payload_codec=CaseCodec(ring, namespace) if ring else None,
        failure_converter_class=CaseFailureConverter,
    )
