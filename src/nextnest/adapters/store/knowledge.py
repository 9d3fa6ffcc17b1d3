"""The knowledge in PostgreSQL's full-text search.

A word of the query is worth the more the fewer entries have it ("loan" says little), and most when none has
it. An entry fits by the worth of the words it has, each by where it stands there (title, keywords, text),
times the share they are of all that the query's words are worth: a question about football that says "match"
is not about a loan that must match.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nextnest.adapters.store.database import Database
from nextnest.broker.knowledge import Entry, load
from nextnest.broker.synonyms import Synonyms, rows

_STORE = """INSERT INTO knowledge_entries (hash, title, keywords, body)
  SELECT * FROM unnest(%(hash)s::text[], %(title)s::text[], %(keywords)s::text[], %(body)s::text[])
  ON CONFLICT DO NOTHING"""

_SEARCH = """
WITH terms AS (
  SELECT term, websearch_to_tsquery('english', term) || websearch_to_tsquery('simple', term) AS query
  FROM unnest(%(terms)s::text[]) AS term
  WHERE numnode(websearch_to_tsquery('english', term)) > 0  -- more than words such as "the"
),
hits AS (
  SELECT term, hash, ts_rank_cd('{0, 0.2, 0.7, 1}', words, query, 32) AS rank
  FROM terms JOIN knowledge_entries ON words @@ query AND hash = ANY(%(ours)s)
),
worth AS (
  SELECT term, ln(1 + cardinality(%(ours)s) / greatest(count(hash), 1)::float) AS worth
  FROM terms LEFT JOIN hits USING (term) GROUP BY term
),
fits AS (
  SELECT hash, sum(rank * worth) * sum(worth) / (SELECT sum(worth) FROM worth) AS fit
  FROM hits JOIN worth USING (term) GROUP BY hash
)
SELECT hash FROM fits WHERE fit >= %(least)s ORDER BY fit DESC, hash
LIMIT %(limit)s"""


@dataclass(frozen=True)
class _Index:
    """The entries as they read on a day, by the hash of their row."""

    today: date
    entries: Mapping[str, Entry]
    synonyms: Synonyms


class KnowledgeRows:
    """Searches the entries of this release; they are stored at the first search of a day."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index: _Index | None = None

    async def search(self, query: str, *, today: date, least: float, limit: int) -> Sequence[Entry]:
        """At most `limit` entries that fit well enough, best first; those past review among them."""
        index = await self._stored(today)
        found = await self._database.fetch(
            _SEARCH,
            {
                "terms": list(index.synonyms.terms(query)),
                "ours": list(index.entries),
                "least": least,
                "limit": limit,
            },
        )
        return [index.entries[row["hash"]] for row in found]

    async def _stored(self, today: date) -> _Index:
        """A figure in an entry is another one when its rule has changed, so each day is stored anew."""
        if self._index is not None and self._index.today == today:
            return self._index
        entries = load(today)
        names = _words(" ".join((entry.title, *entry.keywords)) for entry in entries)
        synonyms = Synonyms(rows(), names, _words(entry.text for entry in entries))
        index = _Index(today, {_hash(entry): entry for entry in entries}, synonyms)
        await self._database.run(
            _STORE,
            {
                "hash": list(index.entries),
                "title": [entry.title for entry in entries],
                "keywords": [", ".join(entry.keywords) for entry in entries],
                "body": [entry.text for entry in entries],
            },
        )
        self._index = index
        return index


def _hash(entry: Entry) -> str:
    said = "\n".join((entry.id, entry.title, *entry.keywords, entry.text))
    return hashlib.sha256(said.encode()).hexdigest()


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}
