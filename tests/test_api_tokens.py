"""Whose tokens the served API reads: the demonstration's alone, or the provider's alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from runtime.settings import Settings
from tests.service import Service
from web import serving
from web.api.demonstration import DemonstrationTokens
from web.provider import Provider
from web.tokens import ProviderTokens


@pytest.mark.parametrize(
    ("provider", "audience", "expected"),
    [
        (False, "", DemonstrationTokens),  # nobody is configured who could give tokens out
        (True, "", type(None)),  # its tokens are for others: nobody gets in
        (True, "casework-api", ProviderTokens),
    ],
)
def test_demonstration_tokens_are_never_read_beside_a_provider(
    service: Service,
    settings_factory: Callable[..., Settings],
    provider: bool,
    audience: str,
    expected: type,
) -> None:
    settings = settings_factory().model_copy(update={"oidc_audience": audience})
    given = cast("Provider", object()) if provider else None

    assert type(serving._tokens(settings, given, service.desk)) is expected
