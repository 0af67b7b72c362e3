"""The evidence bundle: cases as a zip that anybody can check with nothing of ours.

    trail.json   the trail as the ledger holds it      entries.csv   one row an entry
    trail.html   for reading and printing              files.json    evidence files and their custody
    manifest.json, SHA256SUMS                          what is in it, and how to check it

Made again of the same record it is the same to the last byte, but for who made it and when.
`docs/reading-a-bundle.md` tells how it is checked.
"""

from runtime.bundle.making import Bundle, Wanted

__all__ = ["Bundle", "Wanted"]
