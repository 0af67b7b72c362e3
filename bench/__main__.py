"""`make bench`, or `python -m bench due fold` for some of them."""

from __future__ import annotations

import asyncio
import os
import sys

from bench import closed_day, due, memory, on_server, pages
from runtime import logging

ALL = {
    "due": due.run,
    "server": on_server.run,
    "memory": memory.run,
    "day": closed_day.run,
    "pages": pages.run,
}


def main() -> None:
    """Run the benchmarks named, or all."""
    logging.configure(json=True)
    for name in sys.argv[1:] or ALL:
        result = ALL[name]()
        if result is not None:
            asyncio.run(result)
    sys.stdout.flush()
    # See worker.py: a plain return lets native threads abort the process now and then.
    os._exit(0)


if __name__ == "__main__":
    main()
