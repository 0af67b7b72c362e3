"""The one Temporal set-up, shared by worker, desk, replayer and tests."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from temporalio import converter
from temporalio.api.enums.v1 import CommandType
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, HeaderCodecBehavior
from temporalio.converter import (
    SerializationContext,
    StorageDriverStoreContext,
    WorkflowSerializationContext,
)
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import GrpcCompression, RPCError, RPCStatusCode
from temporalio.worker import Interceptor, Replayer, WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from models.errors import Misconfigured, Unavailable
from runtime import codec
from runtime.keyring import KeyRing
from runtime.settings import Settings

PASSED_THROUGH = (
    # Ours: pure, or outside the case altogether.
    "activities",
    "models",
    "policy",
    "procedures",
    "workflows",
    # Theirs: imported once, not again for every case. Without `cryptography` here a forged message
    # kills the process; without `statemachine` the worker does not start.
    "_cffi_backend",
    "annotated_types",
    "cryptography",
    "holidays",
    "orjson",
    "pydantic",
    "pydantic_core",
    "rfc8785",
    "sqlalchemy",
    "statemachine",
    "structlog",
    "typing_extensions",
    "tzdata",
    "yaml",
    "zoneinfo",
)
"""What a workflow imports without a copy of its own: no module here keeps anything of a case."""


@lru_cache(maxsize=1)
def runtime() -> Runtime:
    """The SDK's native core: errors only, to Python's logging instead of standard output.

    Its own words may hold case text; `runtime.logging` keeps only where they came from.
    """
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    return Runtime(
        telemetry=TelemetryConfig(logging=LoggingConfig(filter=quiet, forwarding=forwarding)),
        worker_heartbeat_interval=None,
        disable_environment_info=True,
    )


class CaseRunner(SandboxedWorkflowRunner):
    """The sandbox, told once what every payload of a case is bound to, and where none is stored.

    The SDK would ask the sandboxed case for each payload, at a quarter of all its work. A case has
    no children, so all are its own, but for the letters it writes to another case: those are asked
    for. No payload is kept outside Temporal, whatever it is.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A case in its sandbox."""
        instance = super().create_instance(det)
        own = WorkflowSerializationContext(det.info.namespace, det.info.workflow_id)

        asked = instance.get_serialization_context

        def context(command_info: Any) -> SerializationContext | None:
            kind = command_info.command_type if command_info is not None else None
            if kind == CommandType.COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION:
                return asked(command_info)
            return own

        nowhere = StorageDriverStoreContext(target=None)

        def store(command_info: object) -> StorageDriverStoreContext:
            return nowhere

        instance.get_serialization_context = context  # type: ignore[method-assign]
        instance.get_external_store_context = store  # type: ignore[method-assign]
        return instance


def sandbox() -> SandboxedWorkflowRunner:
    """Runs workflows kept from the clock, chance, files and the network."""
    allowed = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return CaseRunner(restrictions=allowed)


def server_of(settings: Settings) -> ClientConnectConfig:
    """Address, namespace and credentials of the server to use.

    Raises Misconfigured when the Temporal profile that the settings name cannot be read.
    """
    ours = ClientConnectConfig(target_host=settings.address, namespace=settings.namespace)
    if settings.embedded:
        return ours
    try:
        profile = ClientConfig.load_client_connect_config(
            settings.temporal_profile,
            config_file=str(settings.temporal_config) if settings.temporal_config else None,
        )
    except (RuntimeError, OSError, ValueError):
        # The text of the fault may show a line of the file, and the file holds credentials.
        name = settings.temporal_profile or "default"
        raise Misconfigured(
            f'The Temporal profile "{name}" cannot be read. Check CASEWORK_TEMPORAL_PROFILE, '
            "CASEWORK_TEMPORAL_CONFIG and the file they name."
        ) from None
    if "target_host" not in profile:
        raise Misconfigured("The Temporal profile gives no address. Add `address` to it.")
    return ClientConnectConfig(**{"namespace": settings.namespace, **profile})


def data_converter(settings: Settings) -> converter.DataConverter:
    """The data converter, with the key ring of the settings.

    Raises Misconfigured when encryption is on and there is no usable key file.
    """
    ring = KeyRing.load(settings.key_ring_file) if settings.encryption else None
    return codec.data_converter(ring, server_of(settings)["namespace"])


async def connect(settings: Settings, *, identity: str = "casework") -> Client:
    """A client of the server that the settings name.

    `identity` is stored readable beside all it does, so it names a part of the service, never a
    person. Raises Unavailable when no server answers, Misconfigured for a missing key, profile or
    namespace.
    """
    server, data = server_of(settings), data_converter(settings)
    try:
        client = await Client.connect(
            **server,
            data_converter=data,
            header_codec_behavior=HeaderCodecBehavior.CODEC,
            identity=identity,
            runtime=runtime(),
            # What is encrypted does not get smaller, and both ends would spend their time on it.
            grpc_compression=GrpcCompression.NONE,
        )
    except RuntimeError:
        ask = "Is `make run` running?" if settings.embedded else "Is that server running?"
        raise Unavailable(
            f"No Temporal server answers at {server['target_host']}; nothing was sent. {ask}"
        ) from None
    await _has_namespace(client)
    return client


async def _has_namespace(client: Client) -> None:
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
    except RPCError as error:
        # Other answers are not ours to judge: a server may allow cases and forbid this question.
        if error.status == RPCStatusCode.NOT_FOUND:
            raise Misconfigured(
                f'The Temporal server has no namespace "{client.namespace}". '
                "Make it there, or set CASEWORK_NAMESPACE."
            ) from None


def replayer(
    workflows: Sequence[type], settings: Settings, *, interceptors: Sequence[Interceptor] = ()
) -> Replayer:
    """Replays histories exactly as the worker of these settings would read them."""
    return Replayer(
        workflows=workflows,
        workflow_runner=sandbox(),
        # The namespace is a part of what each payload is bound to.
        namespace=server_of(settings)["namespace"],
        data_converter=data_converter(settings),
        interceptors=interceptors,
        header_codec_behavior=HeaderCodecBehavior.CODEC,
        runtime=runtime(),
    )
