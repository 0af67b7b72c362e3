"""How figures are said."""

from __future__ import annotations


def say(name: str, value: float, unit: str) -> None:
    """One line: name, value, unit."""
    shown = f"{value:.0f}" if value >= 1000 else f"{value:.2f}"  # noqa: PLR2004  # enough digits
    print(name, shown, unit, flush=True)
