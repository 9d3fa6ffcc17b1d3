"""Outgoing text is inert: no template code, markup or hidden characters, no address that is not ours to give.

Chatwoot executes Liquid in messages, and a link or a phone number in a reply is believed by whoever reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from nextnest.broker.finding import Finding
from nextnest.domain.reply import Evidence, EvidenceKind

# Public bodies whose pages a broker may point to. A host must be one of these or end in "." and one of these.
_ALLOWED_HOSTS = ("gov.sg", "abs.org.sg", "creditbureau.com.sg", "moneysense.gov.sg", "lawsociety.org.sg")

_LIQUID = re.compile(r"\{\s*[{%]|[%}]\s*\}|\$\{|<%|%>")
_MARKUP = re.compile(
    r"<\s*/?\s*[a-zA-Z!][^<>]{0,200}>|javascript\s*:|data\s*:\s*text|!\[[^\]]*\]\(|&#x?[0-9a-fA-F]+;", re.I
)
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\U000e0000-\U000e007f]")
_EMAIL = re.compile(
    r"(?<![\w.+\-])[\w.+\-]+\s?@\s?[\w\-]+(?:\.[\w\-]+)*\.[^\W\d][\w\-]+"
    r"|(?<![\w.+\-])[\w.+\-]+ ?[\[(] ?at ?[\])] ?[\w\-]+ ?(?:\.|[\[(] ?dot ?[\])]) ?\w+",
    re.I,
)
_URL = re.compile(r"(?:https?|hxxps?|ftp|tg|whatsapp)\s*:\s*/\s*/\s*[^\s<>()\"'，。]+", re.I)
_TLD = (
    r"(?:com|net|org|io|sg|co|me|ly|app|info|xyz|biz|link|site|online|top|club|shop|live|click|ru|cn|tk|ai|dev|cc"
    r"|gl|to|my|us|uk|asia|loan|finance|bank|page|ws)"
)
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|\.)\s?[\])}]\s?|\sdot\s)"
_BARE_HOST = re.compile(
    rf"(?<![\w@./\-])(?:(?=[\d\-]*[a-z])[\w\-]+{_DOT})+{_TLD}(?![\w\-])(?:/[^\s<>()\[\]\"'，。]*)?", re.I
)
_IP = re.compile(r"(?<![\d.,$])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?:/\S*)?(?![\d%])")


def live_content(text: str, evidence: Sequence[Evidence]) -> Iterator[Finding]:
    """Template code, markup, hidden characters and addresses in a text."""
    for rule, pattern, why in (
        ("template_code", _LIQUID, "leave out braces and template code"),
        ("markup", _MARKUP, "plain text only, no HTML or images"),
        ("hidden_characters", _HIDDEN, "leave out invisible characters"),
    ):
        for match in pattern.finditer(text):
            yield Finding(rule, match[0], match.start(), match.end(), f'"{match[0]}": {why}')
    known = _known_addresses(evidence)
    taken: list[tuple[int, int]] = []
    for pattern in (_EMAIL, _URL, _BARE_HOST, _IP):
        for match in pattern.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            taken.append(match.span())
            address = match[0].rstrip(".,;:!?)")
            if not _allowed(address, known):
                why = f'"{address}": give no address but pages of public bodies or those in the evidence'
                yield Finding("foreign_address", address, match.start(), match.start() + len(address), why)


def _known_addresses(evidence: Sequence[Evidence]) -> frozenset[str]:
    """Addresses that knowledge entries name as their source."""
    known = [e for e in evidence if e.kind in {EvidenceKind.KNOWLEDGE, EvidenceKind.RULE}]
    values = [str(v) for e in known for v in (e.ref, *e.detail.values())]
    return frozenset(m[0].rstrip(".,;:!?)").casefold() for v in values for m in _URL.finditer(v))


def _allowed(address: str, known: frozenset[str]) -> bool:
    if address.casefold() in known or f"https://{address.casefold()}" in known:
        return True
    if not address.isascii() or "@" in address:
        return False
    scheme, sep, rest = address.partition("://")
    if sep and scheme.casefold() not in {"http", "https"}:
        return False
    try:
        host = urlsplit(f"//{rest if sep else address}").hostname or ""
    except ValueError:
        return False
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in _ALLOWED_HOSTS)
