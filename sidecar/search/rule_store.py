"""Rules and documents in Qdrant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from qdrant_client import QdrantClient, models

from sidecar.context import TenantContext
from sidecar.embedding_agents.business_rules import Ref
from sidecar.search.sparse import SparseVector
from sidecar.search.tenant_collection import (
    DENSE,
    SPARSE,
    TenantCollection,
    batches,
    equals,
    one_of,
)

Base = Literal["rules", "documents"]

_NAMESPACE = uuid.UUID("0f4c2a5e-93b7-4d0e-8a55-52f1c6a7e9d3")


@dataclass(frozen=True, slots=True)
class RulePoint:
    """What the index holds of a rule (part 0) or of a passage of a document (part 1, 2, …)."""

    ref: Ref
    part: int
    payload: dict[str, Any]
    sparse: SparseVector
    dense: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A point that a search found. sparse, dense: its score in each half, None = not among it."""

    ref: Ref
    part: int
    payload: dict[str, Any]
    sparse: float | None = None
    dense: float | None = None


class RuleStore(TenantCollection):
    """One tenant's points in `rules_…` or `documents_…`.

    A tenant's own collection comes before the name (`casa_ipe_rules_sparse`).
    """

    indexes: ClassVar[dict[str, Any]] = {
        "kind": models.PayloadSchemaType.KEYWORD,
        "record_id": models.PayloadSchemaType.INTEGER,
    }

    def __init__(
        self, client: QdrantClient, context: TenantContext, dimension: int | None, base: Base
    ):
        name = f"{context.collection}_{base}" if context.collection else base
        super().__init__(client, context, name, dimension)

    def point_id(self, ref: Ref, part: int = 0) -> str:
        """UUIDv5 of account, kind and record id, and of the passage's number where it is one."""
        name = f"{self.context.account_id}/{ref[0]}/{ref[1]}"
        return str(uuid.uuid5(_NAMESPACE, f"{name}/{part}" if part else name))

    def upsert(self, points: Sequence[RulePoint]) -> None:
        """Writes points, replacing those of the same rules and passages."""
        self._write([self._rule(point) for point in points])

    def delete(self, refs: Sequence[Ref]) -> None:
        """Removes all points of these records; unknown ones are no error."""
        by_kind: dict[str, list[int]] = {}
        for kind, record in refs:
            by_kind.setdefault(kind, []).append(record)
        for kind, records in by_kind.items():
            for batch in batches(records):
                self._remove(equals("kind", kind), one_of("record_id", batch))

    def delete_parts_after(self, ref: Ref, part: int) -> None:
        """Removes the passages of a document that has only `part` of them left."""
        later = models.FieldCondition(key="part", range=models.Range(gt=part))
        self._remove(equals("kind", ref[0]), equals("record_id", ref[1]), later)

    def payloads(self, keys: list[str]) -> list[dict[str, Any]]:
        """These payload keys of every point of the tenant; none before the first sync."""
        return list(self._payloads(["kind", "record_id", "part", *keys]))

    def search(
        self,
        sparse: SparseVector,
        dense: np.ndarray | None,
        depth: int,
        keys: list[str],
        conditions: Sequence[models.Condition] = (),
    ) -> list[Scored]:
        """Up to `depth` points of each half, with these payload keys, in one request.

        Nothing before the first sync.
        """
        wanted = self._filter(*conditions)
        told = ["kind", "record_id", "part", *keys]
        found: dict[tuple[Ref, int], dict[str, Any]] = {}
        for name, points in self._ask(self._halves(sparse, dense, wanted, depth, told)).items():
            for point in points:
                ref = (point.payload["kind"], point.payload["record_id"])
                entry = found.setdefault((ref, point.payload["part"]), {"payload": point.payload})
                entry[name] = point.score
        return [
            Scored(ref, part, e["payload"], e.get(SPARSE), e.get(DENSE))
            for (ref, part), e in sorted(found.items())
        ]

    def _rule(self, point: RulePoint) -> models.PointStruct:
        kind, record = point.ref
        payload = point.payload | {"kind": kind, "record_id": record, "part": point.part}
        point_id = self.point_id(point.ref, point.part)
        return self._struct(point_id, payload, point.sparse, point.dense)
