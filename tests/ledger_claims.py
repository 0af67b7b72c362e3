"""Run as a process of its own by a test: waits for the word, claims, and says what it was given."""

from __future__ import annotations

import sys

from activities.ledger import Ledger
from activities.links import About
from tests.ledger_fixtures import NOW

if __name__ == "__main__":
    url, number = sys.argv[1:]
    with Ledger(url, None) as ledger:
        ledger.register("case-0")  # connected before the start
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        about = About(procedure="reputation", at=NOW, posts=("https://x.com/a/status/1",))
        # Two matters by turns, one post: half of them are joined, and every pair is linked.
        claim = ledger.claim(f"t-{number}", f"case-{number}", f"matter-{int(number) % 2}", about)
    sys.stdout.write(claim.model_dump_json() + "\n")
