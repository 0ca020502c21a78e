"""Business rules at the Hub: the door each turn reads them through, and Odoo's two actions."""

from typing import Any

import structlog

from sidecar.chatwoot.formatting import for_chat
from sidecar.context import TenantContext
from sidecar.crews.reply import Reply
from sidecar.data_proxy.evidence import Evidence
from sidecar.data_proxy.rule_memory import RuleMemory
from sidecar.data_proxy.rules import RuleProxy
from sidecar.embedding_agents.business_rules import Ref, profile_fact
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.errors import NotConfigured, SidecarError, Unprocessable
from sidecar.hub.services import Services
from sidecar.search.rule_service import RuleService
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

KINDS = ("rule", "scheduling", "document", "profile")
_LONGEST_QUESTION = 1000


class RuleDesk:
    """Rules of any tenant. One per process; safe to share between threads."""

    def __init__(self, services: Services, memory: RuleMemory | None = None):
        self._services = services
        self._memory = memory or RuleMemory()

    def proxy(self, tenant: Tenant, evidence: Evidence) -> RuleProxy | None:
        """The tenant's door to its rules; None where there is no Odoo that could have any."""
        try:
            source = self._source(tenant)
        except NotConfigured:
            return None
        context: TenantContext = tenant.context
        search = RuleService(self._services.search).search(context)
        return RuleProxy(context, source, search, self._memory, evidence)

    def profile(self, tenant: Tenant) -> dict[str, Any]:
        """The company's profile as it was told a moment ago; {} where it cannot be asked for."""
        try:
            source = self._source(tenant)
        except SidecarError as error:
            log.info("profile.not_told", account=tenant.account_id, code=error.code)
            return {}
        search = RuleService(self._services.search).search(tenant.context)
        return self._memory.snapshot(source, search).profile

    def sync(self, tenant: Tenant, params: dict[str, Any]) -> dict[str, Any]:
        """The result of `sync_rules` (docs/rules.md).

        Everything is read before anything is written or removed: an Odoo that fails halfway
        changes nothing. Unprocessable for parameters of another shape.
        """
        asked = _refs(params.get("ids"))
        source = self._source(tenant)
        if asked is None:
            ids = source.rule_ids()
            refs = [(kind, record) for kind in KINDS for record in ids.get(kind, ())]
        else:
            refs = [ref for ref in asked if ref[0] != "profile"]
        facts = source.rule_facts(refs) if refs else []
        if asked is None or any(kind == "profile" for kind, _ in asked):
            profile = source.company_profile()
            facts += [profile_fact(profile)] if profile else []
        return RuleService(self._services.search).indexer(tenant.context).sync(facts, asked)

    def _source(self, tenant: Tenant) -> OdooAdapter:
        # The rules are in the Odoo that holds our addons, also where the ERP is another one.
        return OdooAdapter(self._services.control(tenant).rpc, tenant.context)


def question_of(params: dict[str, Any]) -> str:
    """The question of `ask_rules`; Unprocessable for none, or one that is too long."""
    question = params.get("question")
    if not isinstance(question, str) or not question.strip():
        raise Unprocessable("params.question must be a text.")
    if len(question) > _LONGEST_QUESTION:
        raise Unprocessable(f"A question has at most {_LONGEST_QUESTION} characters.")
    return question.strip()


def told(reply: Reply) -> dict[str, Any]:
    """The result of `ask_rules`: what the customer would get, and the rules it comes from."""
    return {"answer": for_chat(reply.text), "rules": reply.rules, "writer": reply.writer}


def _refs(ids: object) -> list[Ref] | None:
    """References of `params.ids`; None where all are meant."""
    if ids is None:
        return None
    wrong = Unprocessable("params.ids must have lists of record ids by kind.", known=list(KINDS))
    if not isinstance(ids, dict) or not ids.keys() <= set(KINDS):
        raise wrong
    refs = []
    for kind, records in ids.items():
        if not isinstance(records, list) or not all(
            type(record) is int and record > 0 for record in records
        ):
            raise wrong
        refs += [(kind, record) for record in records]
    return refs
