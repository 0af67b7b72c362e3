"""The soft check on drafted words (G-5, G-7): what in them could tell of a case or a person.

It finds no more than it is told to look for, and errs towards asking Legal; whoever drafts says
also what they themselves think. Legal, not this check, clears words to go out (SD7, SD9).
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

REFERENCE = "a case reference"
PROTECTED_NAME = "a protected name"
CONFIRMS_A_CASE = "words that confirm a case"

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# The format of ChildFirst references is not known, so whatever looks like one counts: letters and
# groups of figures, CF-2026-00871 or EX26P00412. With blanks only in capitals: the rest is telephones.
_LIKE_A_REFERENCE = re.compile(
    r"\b(?:[A-Z]{2,4} \d{2,4} \d{4,6}|[A-Za-z]{2,4}[-/]\d{2,4}[-/]\d{3,6}"
    r"|[A-Za-z]{2}\d{2}[A-Za-z]\d{4,6})\b"
)
_CONFIRMS = re.compile(
    r"\b(?:can|are able to|is able to|wish to|would like to)"
    r"(?: now| also| only)? (?:confirm|verify)\b"
    r"|\b(?:we|cafcass) (?:do |did |hereby )?confirms?\b"
)
_OF_A_CASE = re.compile(
    r"\b(?:cases?|proceedings|hearings?|courts?|judges?|child|children|famil(?:y|ies)|mother|father"
    r"|parents?|guardians?|advis[eo]rs?|reports?|orders?|section 7|contact)\b"
)
SHORTEST = 3
"""Letters a part of a name needs to be looked for by itself."""


def tidy(text: str) -> str:
    """Words as they are compared: one spelling of letters, nothing invisible, single spaces."""
    return _plain(text).casefold()


def _plain(text: str) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(plain.replace("\u2019", "'").split())


def fingerprint(text: str) -> str:
    """What words are remembered by: whoever changes one of them asks Legal again."""
    return sha256(tidy(text).encode()).hexdigest()


def could_tell(
    text: str, protected: tuple[str, ...] = (), references: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """What in a draft could tell the public of a case or a person; empty: nothing was found.

    `protected` are the names kept in the report, `references` those of the case itself.
    """
    words = tidy(text)
    found = []
    if _LIKE_A_REFERENCE.search(_plain(text)) or any(
        _same(one) in _same(words) for one in references
    ):
        found.append(REFERENCE)
    if any(_names(words, name) for name in protected):
        found.append(PROTECTED_NAME)
    if _CONFIRMS.search(words) and _OF_A_CASE.search(words):
        found.append(CONFIRMS_A_CASE)
    return tuple(found)


def _same(text: str) -> str:
    return "".join(char for char in tidy(text) if char.isalnum())


def _names(words: str, name: str) -> bool:
    whole = tidy(name)
    parts = [part for part in re.split(r"[\s'-]+", whole) if len(part) >= SHORTEST]
    return any(re.search(rf"\b{re.escape(part)}\b", words) for part in {whole, *parts} if part)
