"""Run as a process of its own by a test that kills it: appends for ever, and says what is safe."""

from __future__ import annotations

import sys
from threading import Thread

from activities.ledger import Ledger
from tests.ledger_fixtures import NOW, SmallCipher, batch, line

WRITERS = 2


def _append_for_ever(ledger: Ledger, case_id: str) -> None:
    seq = 0
    while True:
        lines = line(seq + 1, case_id, tells=1), line(seq + 2, case_id)
        seq = ledger.append(batch(*lines, case_id=case_id), NOW).seq
        sys.stdout.write(f"{case_id} {seq}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    opened = Ledger(sys.argv[1], SmallCipher())
    for number in range(WRITERS):
        Thread(target=_append_for_ever, args=(opened, f"{sys.argv[2]}-{number}")).start()
