"""The knowledge in PostgreSQL's full-text search.

Each word of a query counts by where it stands in an entry (title, keywords, text) and by how few entries have
it: "loan" is in nearly all of them and says little. What is found is read from this release's own entries, so
only their ids come out of the table.
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

# Of a word that one entry in forty has: 1.9 in its title, 1.5 among its keywords, 0.6 once in its text.
GOOD_ENOUGH = 1.2

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
  SELECT hash, ts_rank_cd('{0, 0.2, 0.7, 1}', words, query, 32) AS rank,
    count(*) OVER (PARTITION BY term) AS entries
  FROM terms JOIN knowledge_entries ON words @@ query
  WHERE hash = ANY(%(ours)s)
)
SELECT hash FROM hits GROUP BY hash
HAVING sum(rank * ln(1 + cardinality(%(ours)s) / entries::float)) >= %(enough)s
ORDER BY sum(rank * ln(1 + cardinality(%(ours)s) / entries::float)) DESC, hash
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

    async def search(self, query: str, limit: int, today: date) -> Sequence[Entry]:
        """At most `limit` entries that match well enough, best first; those past review among them."""
        index = await self._stored(today)
        found = await self._database.fetch(
            _SEARCH,
            {
                "terms": list(index.synonyms.terms(query)),
                "ours": list(index.entries),
                "enough": GOOD_ENOUGH,
                "limit": limit,
            },
        )
        return [index.entries[row["hash"]] for row in found]

    async def _stored(self, today: date) -> _Index:
        """A figure in an entry is another one when its rule has changed, so each day is stored anew."""
        if self._index is not None and self._index.today == today:
            return self._index
        entries = load(today)
        index = _Index(today, {_hash(e): e for e in entries}, Synonyms(rows(), _words(entries)))
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


def _words(entries: Iterable[Entry]) -> set[str]:
    texts = (" ".join((entry.title, *entry.keywords, entry.text)) for entry in entries)
    return {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}
