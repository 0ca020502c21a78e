"""Facts of rules are read in calls that Odoo can answer, documents few at a time."""

from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.odoo.adapter import OdooAdapter

CONTEXT = TenantContext("account_1", 1, "pt_BR", "America/Sao_Paulo", "BRL")


class Rpc:
    """Answers with the references it was asked for."""

    def __init__(self) -> None:
        self.batches: list[list[list[Any]]] = []

    takes_ids = True

    def call(
        self, model: str, method: str, *, refs: Any, lang: str, read_only: bool, repeatable: bool
    ) -> Any:
        assert (model, method, read_only, lang) == ("ai.facade", "rule_facts", True, "pt_BR")
        self.batches.append(refs)
        return [{"kind": kind, "id": record} for kind, record in refs]


def read(refs: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], list[int]]:
    rpc = Rpc()
    facts = OdooAdapter(rpc, CONTEXT).rule_facts(refs)  # type: ignore[arg-type]
    return [(fact["kind"], fact["id"]) for fact in facts], [len(b) for b in rpc.batches]


def test_all_are_read_once_and_in_order() -> None:
    refs = [("rule", n) for n in range(1, 251)]
    assert read(refs) == (refs, [100, 100, 50])
    assert read([]) == ([], [])


def test_documents_come_five_at_a_time() -> None:
    refs = [("document", n) for n in range(1, 13)] + [("rule", 1)]
    assert read(refs) == (refs, [5, 5, 3])
