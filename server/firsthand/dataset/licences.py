"""Which licence a file says it is under. Pure.

Code under another licence than the project's is somebody else's: whether a model may be trained on
it is for the person to find out, so it is left out. What is recognised are SPDX's short identifiers
(https://spdx.org/licenses) and the names that stand in usual headers.
"""

from __future__ import annotations

import re

_HEAD = 3_000  # characters of a file in which a header stands
_SPDX = re.compile(
    r"SPDX-License-Identifier:[ \t]*([\w.+-]+(?:[ \t]+(?:OR|AND|WITH)[ \t]+[\w.+-]+)*)"
)
_NAMED = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("AGPL", r"GNU\s+AFFERO\s+GENERAL\s+PUBLIC\s+LICEN[SC]E"),
        ("LGPL", r"GNU\s+(?:LESSER|LIBRARY)\s+GENERAL\s+PUBLIC\s+LICEN[SC]E"),
        ("GPL", r"GNU\s+GENERAL\s+PUBLIC\s+LICEN[SC]E"),
        ("MPL", r"Mozilla\s+Public\s+License"),
        ("EPL", r"Eclipse\s+Public\s+License"),
        ("Apache", r"Apache\s+License|apache\.org/licenses"),
        ("BSD", r"BSD(?:-|\s+)(?:style\s+)?licen[sc]e|Redistribution\s+and\s+use\s+in\s+source"),
        ("MIT", r"\bMIT\s+Licen[sc]e|Permission\s+is\s+hereby\s+granted,\s+free\s+of\s+charge"),
        ("ISC", r"Permission\s+to\s+use,\s+copy,\s+modify,\s+and(?:/or)?\s+distribute"),
        ("proprietary", r"\bproprietary\s+and\s+confidential\b"),
    )
)


def licence(text: str) -> str:
    """The licence that a text's head names; empty where it names none."""
    head = text[:_HEAD]
    found = _SPDX.search(head)
    if found is not None:
        return " ".join(found[1].split())
    # Comment marks stand between the words of a header that is several lines long.
    plain = re.sub(r"\n[ \t]*(?:[*#;%/-]+[ \t]*)*", "\n", head)
    return next((name for name, pattern in _NAMED if pattern.search(plain)), "")


def same(one: str, other: str) -> bool:
    """Whether two names may mean one licence: "GPL-3.0-only" and "GPL"."""
    short = sorted((one.lower(), other.lower()), key=len)
    return short[1] == short[0] or short[1].startswith(f"{short[0]}-")
