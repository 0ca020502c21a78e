"""Keeps a tenant's rules and documents in the index as they are in Odoo."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sidecar.context import TenantContext
from sidecar.embedding_agents.business_rules import (
    Ref,
    RuleFacts,
    RuleText,
    content_hash,
    ref_of,
    rule_text,
)
from sidecar.embedding_agents.documents import passages
from sidecar.search.embeddings.base import Embedder
from sidecar.search.rule_store import RulePoint, RuleStore
from sidecar.search.rule_times import interval
from sidecar.search.sparse import WEIGHTS_VERSION, SparseEncoder
from sidecar.search.tokens import TOKENS_VERSION
from sidecar.search.topics import topics_of

_DOCUMENT = "document"
_CHUNK = 50  # records embedded and written at a time: what a crash can cost


@dataclass(frozen=True, slots=True)
class RuleStores:
    """Where a tenant's rules (and scheduling rules, and its profile) and its documents are."""

    rules: RuleStore
    documents: RuleStore

    def of(self, kind: str) -> RuleStore:
        """The store of a kind of record."""
        return self.documents if kind == _DOCUMENT else self.rules


class RuleIndexer:
    """Writes one tenant's rules; `embedder` None means sparse vectors only."""

    def __init__(self, stores: RuleStores, embedder: Embedder | None, context: TenantContext):
        self._stores = stores
        self._embedder = embedder
        self._context = context

    def sync(self, facts: Iterable[RuleFacts], asked: Collection[Ref] | None) -> dict[str, Any]:
        """Brings the points of `facts` up to date; the result of `sync_rules`.

        facts: what Odoo tells now, read completely before the first point is touched. asked: the
        references that were asked for, those without a fact being gone; None = everything, so that
        all other points go. Counts records: embedded (written, and there is a model), upserted,
        deleted, unchanged. Raises what the stores and the embedder raise; what was written until
        then stays, and the next sync goes on from there.
        """
        told = {ref_of(fact): fact for fact in facts}
        known = self._known()
        hashes = {ref: self._hash(fact) for ref, fact in told.items()}
        changed = [ref for ref in told if known.get(ref) != hashes[ref]]
        wanted = known.keys() if asked is None else known.keys() & set(asked)
        gone = sorted(wanted - told.keys())
        # What must not be said any more goes first: writing the rest may fail.
        self._delete(gone)
        for start in range(0, len(changed), _CHUNK):
            batch = changed[start : start + _CHUNK]
            self._write([(told[ref], hashes[ref]) for ref in batch])
        if asked is None:
            self._stores.rules.delete_elsewhere()
            self._stores.documents.delete_elsewhere()
        return {
            "total": len(told),
            "embedded": len(changed) if self._embedder else 0,
            "upserted": len(changed),
            "deleted": len(gone),
            "unchanged": len(told) - len(changed),
            "points": {f"{ref[0]}/{ref[1]}": self._point_id(ref) for ref in told},
        }

    def _known(self) -> dict[Ref, str]:
        """The hash of each record in the index, "" for a document that was not written to its end.

        A crash may leave passages of two versions, or only the first ones of a document.
        """
        seen: dict[Ref, set[str]] = {}
        whole: set[Ref] = set()
        for store in (self._stores.rules, self._stores.documents):
            store.ensure()
            for payload in store.payloads(["hash", "last"]):
                ref = (payload["kind"], payload["record_id"])
                seen.setdefault(ref, set()).add(payload["hash"])
                if payload["last"]:
                    whole.add(ref)
        known = {
            ref: next(iter(hashes)) if ref in whole and len(hashes) == 1 else ""
            for ref, hashes in seen.items()
        }
        return known

    def _delete(self, refs: list[Ref]) -> None:
        for store, is_document in ((self._stores.rules, False), (self._stores.documents, True)):
            store.delete([ref for ref in refs if (ref[0] == _DOCUMENT) == is_document])

    def _write(self, facts: list[tuple[RuleFacts, str]]) -> None:
        """Writes whole records; `facts` come with their hashes."""
        texts = [(fact, digest, _texts(fact)) for fact, digest in facts]
        parts = [
            (fact, digest, part, page, text, part == parts[-1][0])
            for fact, digest, parts in texts
            for part, page, text in parts
        ]
        dense: list[Any] = [None] * len(parts)
        if self._embedder:
            dense = list(self._embedder.embed([text.dense for *_, text, _last in parts]))
        encoder = SparseEncoder(self._context.language_code)
        points: dict[bool, list[RulePoint]] = {True: [], False: []}
        for (fact, digest, part, page, text, last), vector in zip(parts, dense, strict=True):
            payload = self._payload(fact, text, page, digest) | {"last": last}
            vectors = encoder.document(text.fields), vector
            point = RulePoint(ref_of(fact), part, payload, *vectors)
            points[fact["kind"] == _DOCUMENT].append(point)
        self._stores.rules.upsert(points[False])
        self._stores.documents.upsert(points[True])
        for fact, _digest, written in texts:
            if fact["kind"] == _DOCUMENT:
                self._stores.documents.delete_parts_after(ref_of(fact), written[-1][0])

    def _payload(self, facts: RuleFacts, text: RuleText, page: int, digest: str) -> dict[str, Any]:
        from_at, to_at = interval(facts)
        payload: dict[str, Any] = {
            "group": facts["group"],
            "subkind": facts["subkind"],
            "title": facts["title"],
            "text": text.body,
            "topics": sorted(topics_of(facts, self._context.language_code)),
            "priority": facts["priority"],
            "from_at": from_at,
            "to_at": to_at,
            "page": page,
            "lang": self._context.language_code,
            "hash": digest,
        }
        if facts["kind"] != _DOCUMENT:
            payload["facts"] = json.dumps(facts, ensure_ascii=False, sort_keys=True)
        return payload

    def _hash(self, facts: RuleFacts) -> str:
        return fact_hash(facts, self._context, self._embedder)

    def _point_id(self, ref: Ref) -> str:
        return self._stores.of(ref[0]).point_id(ref, 1 if ref[0] == _DOCUMENT else 0)


def fact_hash(facts: RuleFacts, context: TenantContext, embedder: Embedder | None) -> str:
    """The hash by which the index knows whether it holds `facts` as they are."""
    model = embedder.model if embedder else ""
    versions = [TOKENS_VERSION, WEIGHTS_VERSION, context.language_code, model]
    return content_hash(facts, rule_text(facts), versions)


def _texts(facts: RuleFacts) -> list[tuple[int, int, RuleText]]:
    """Part, page and text of each point of a fact."""
    if facts["kind"] != _DOCUMENT:
        return [(0, 0, rule_text(facts))]
    # A document without text is not told; its title alone keeps it countable all the same.
    found = [(one.number, one.page, one.text) for one in passages(facts)]
    return found or [(1, 0, RuleText(facts["title"], "", ""))]
