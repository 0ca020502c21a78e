"""Takes rows of an ERP: mapped, checked, kept; what became of each is told."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sidecar.erp.generic.bodies import Raw
from sidecar.erp.generic.mapping import mapped
from sidecar.erp.generic.records import BadRow, Kept, kept_of
from sidecar.erp.generic.store import PushedRecords
from sidecar.errors import NotConfigured, PayloadTooLarge, Unprocessable
from sidecar.tenants.pushing import Kind, Mapping, PushingConfig, PushingErp
from sidecar.tenants.schema import Tenant

DEFAULT = "default"
_REFUSED = {
    "full": "no more records of this kind are kept: remove some",
    "erased": "is about a customer who was erased: delete them in the ERP too (sidecar erp readmit"
    " takes them again)",
}


@dataclass(slots=True)
class Report:
    """How many rows were new, the same, or older than what is kept; and those that were refused.

    rejected: `{"row", "id", "field", "error"}`, never a value of the row beside its id.
    """

    accepted: int = 0
    unchanged: int = 0
    outdated: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> int:
        """200, 207 where some rows were refused, 422 where all were."""
        if not self.rejected:
            return 200
        return 207 if self.accepted + self.unchanged + self.outdated else 422

    def as_dict(self) -> dict[str, Any]:
        """The answer's `data`."""
        return {
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "outdated": self.outdated,
            "rejected": self.rejected,
        }

    def refuse(self, place: int, bad: BadRow) -> None:
        told = {"row": place, "id": bad.own_id, "field": bad.field, "error": bad.problem}
        self.rejected.append(told)


class Intake:
    """One tenant's, by one of its mappings ("" = `default`, where there is one).

    NotConfigured unless the tenant's ERP sends its data; Unprocessable for an unknown mapping.
    """

    def __init__(self, tenant: Tenant, records: PushedRecords, mapping: str = ""):
        erp = tenant.integrations.mcp
        if not isinstance(erp, PushingErp):
            raise NotConfigured(
                "The tenant's ERP is not one that sends its data: set integrations.mcp.type to"
                " rest-generic."
            )
        self._config: PushingConfig = erp.config
        self._mapping = _chosen(self._config, mapping)
        self._zone = tenant.timezone
        self._records = records

    def take(self, kind: Kind, rows: Iterable[Raw], most: int) -> Report:
        """Keep rows; in one batch a later row of the same id stands for the earlier one if it is
        as new. PayloadTooLarge for more than `most` rows, none of which is kept then.
        """
        wanted = list(islice(rows, most + 1))
        if len(wanted) > most:
            raise PayloadTooLarge(f"At most {most} rows at once: send the others apart.")
        report, now = Report(), datetime.now(UTC)
        good: list[tuple[int, Kept]] = []
        for raw in wanted:
            try:
                good.append((raw.place, self._kept(kind, raw, now)))
            except BadRow as bad:
                report.refuse(raw.place, bad)
        outcomes = self._records.write(kind, [kept for _place, kept in good])
        counted = Counter(outcomes)
        report.accepted, report.unchanged = counted["accepted"], counted["unchanged"]
        report.outdated = counted["outdated"]
        for (place, kept), outcome in zip(good, outcomes, strict=True):
            if outcome in _REFUSED:
                report.refuse(place, BadRow("", _REFUSED[outcome], kept.own_id))
        report.rejected.sort(key=lambda one: one["row"])
        return report

    def _kept(self, kind: Kind, raw: Raw, now: datetime) -> Kept:
        if raw.problem is not None:
            raise raw.problem
        rules = getattr(self._mapping, kind) if self._mapping else None
        row = raw.value if rules is None else mapped(raw.value, rules, self._zone)
        return kept_of(kind, row, self._zone, self._config.phone_country, now)


def _chosen(config: PushingConfig, name: str) -> Mapping | None:
    found = config.mapping.get(name or DEFAULT)
    if name and found is None:
        known = ", ".join(sorted(config.mapping)) or "none"
        raise Unprocessable(f"The tenant has no mapping {name[:64]!r}; known: {known}.")
    return found
