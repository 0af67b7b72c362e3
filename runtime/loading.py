"""Ctrl-C while a program is still being loaded: it ends at once, without a word.

Python's own answer would be a traceback out of whatever it was just importing. A program imports
this before anything that takes time, and calls `done` where it begins to answer for itself.
"""

from __future__ import annotations

import signal
import threading

# Only the main thread may say what a signal does, and whoever has chosen an answer keeps it.
_quiet = (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
)
if _quiet:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def done() -> None:
    """Give Ctrl-C back to Python, where it was taken: from here on it is a KeyboardInterrupt."""
    if _quiet:
        signal.signal(signal.SIGINT, signal.default_int_handler)
