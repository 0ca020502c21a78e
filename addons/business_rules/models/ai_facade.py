"""What the sidecar may ask about a company's rules: public, read-only, one batch each.

As in ai_system: every method acts for the tenant whose integration user calls, reads with that
user's rights in a clean context, and filters by the tenant's company once more.
"""

from datetime import UTC, date, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..hours import window_texts
from ..wall_clock import iso_text
from .ai_job import KINDS

MAX_REFS = 1000
MAX_SLOTS = 100
FIRST_YEAR, LAST_YEAR = 2000, 2100  # of a moment that somebody asks about
RULE_KINDS = ("rule", "scheduling", "document")


class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [
            *super()._capabilities(),
            "company_profile",
            "rule_ids",
            "rule_facts",
            "rules_in_force",
            "open_state",
            "free_slots",
            "promotion_prices",
        ]

    @api.model
    def company_profile(self, lang=None):
        """Return who the company is and how it wants to be served; {} while nobody has said."""
        tenant = self._tenant()
        language = self._rule_language(tenant, lang)
        profile = self._profile_of(tenant, language)
        return profile._ai_profile(language) if profile else {}

    @api.model
    def rule_ids(self):
        """Return {"rule": ids, "scheduling": ids, "document": ids} of what the AI is told."""
        tenant = self._tenant()
        return {kind: self._told_records(tenant, kind).ids for kind in RULE_KINDS}

    @api.model
    def rule_facts(self, refs, lang=None):
        """Return the facts of `refs`, [["rule", 5], …] (at most 1000), in that order.

        References that are not the tenant's, or not told (any more), are left out. lang: code of
        an installed language, else the tenant's. The number of queries does not depend on theirs.
        """
        tenant = self._tenant()
        if len(refs) > MAX_REFS:
            raise UserError(self.env._("Ask for at most %(count)s records.", count=MAX_REFS))
        language = self._rule_language(tenant, lang)
        wanted = [(str(kind), int(record_id)) for kind, record_id in refs]
        found = {}
        for kind in dict.fromkeys(kind for kind, _id in wanted if kind in KINDS):
            ids = [record_id for other, record_id in wanted if other == kind]
            told = self._told_records(tenant, kind, Domain("id", "in", ids), language)
            found.update({(kind, fact["id"]): fact for fact in told._ai_facts(language)})
        return [found[ref] for ref in dict.fromkeys(wanted) if ref in found]

    @api.model
    def rules_in_force(self, lang=None):
        """Return the facts of all rules that hold at this moment.

        A permanent rule that a temporary one stands in for is left out; scheduling rules and
        documents have no dates and are not in it.
        """
        tenant = self._tenant()
        language = self._rule_language(tenant, lang)
        told = self._told_records(tenant, "rule", Domain("state", "=", "active"), language)
        return told._in_force()._ai_facts(language)

    @api.model
    def open_state(self, at=None):
        """Return whether the company is open at `at` (ISO text in UTC; now when None), and why.

        {"open", "reason", "name", "until", "today": [["09:00", "18:00"], …], "next_opening"}
        """
        tenant = self._tenant()
        profile = self._profile_of(tenant, tenant.language)
        state = profile._open_state(self._moment(at))
        return {
            "open": state.open,
            "reason": state.reason,
            "name": state.name,
            "until": _iso_instant(state.until),
            "today": window_texts(state.today),
            "next_opening": _iso_instant(state.next_opening),
        }

    @api.model
    def free_slots(self, rule_id, date_from, date_to, limit=10):
        """Return up to `limit` (≤ 100) free times of a service between two dates of the tenant.

        [{"start", "end", "resource"}], instants as ISO text in UTC; [] for an unknown service.
        """
        tenant = self._tenant()
        first, last = self._date(date_from), self._date(date_to)
        rule = self._told_records(tenant, "scheduling", Domain("id", "=", int(rule_id)))
        if not rule or last < first:
            return []
        found = rule._free_slots(first, last, max(1, min(int(limit), MAX_SLOTS)))
        return [
            {
                "start": _iso_instant(slot.start),
                "end": _iso_instant(slot.end),
                "resource": slot.resource,
            }
            for slot in found
        ]

    @api.model
    def promotion_prices(self, product_ids, coupon="", purchase=None):
        """Return what the tenant's products cost under the promotions in force, computed.

        product_ids: at most 1000 ids of product.template. coupon: what the customer named.
        purchase: total of the purchase before discounts, each product's price when None.
        [{"id", "price", "offer", "saved", "rule_id", "coupon", "minimum"}], in that order;
        rule_id False = the price as it is.
        """
        tenant = self._tenant()
        if len(product_ids) > MAX_REFS:
            raise UserError(self.env._("Ask for at most %(count)s products.", count=MAX_REFS))
        ids = list(dict.fromkeys(int(product_id) for product_id in product_ids))
        products = self._products(tenant).with_context(lang=tenant.language)
        domain = self._product_domain(tenant) & Domain("id", "in", ids)
        found = products.search(domain & Domain("sale_ok", "=", True))
        rules = self._told_records(tenant, "rule", Domain("state", "=", "active"))
        offers = rules._in_force()._offers(found, tenant, coupon or "", purchase)
        return [offers[product_id] for product_id in ids if product_id in offers]

    @api.model
    def _told_records(self, tenant, kind, domain=Domain.TRUE, language=None):
        """Return the tenant's records of `kind` that are told and match, by id."""
        records = self._rule_env(tenant, language)[KINDS[kind]]
        mine = Domain("company_id", "=", tenant.company_id.id) & Domain("available", "=", True)
        return records.search(mine & domain, order="id")._told()

    @api.model
    def _profile_of(self, tenant, language):
        profiles = self._rule_env(tenant, language)["ai.company.profile"]
        domain = [("company_id", "=", tenant.company_id.id), ("available", "=", True)]
        return profiles.search(domain, limit=1)

    @api.model
    def _rule_env(self, tenant, language=None):
        # A clean context, as for products: a caller's must not widen or bend what is read.
        context = {
            "allowed_company_ids": tenant.company_id.ids,
            "tz": tenant.timezone,
            "lang": language or tenant.language,
        }
        return self.env(context=context)

    @api.model
    def _rule_language(self, tenant, lang):
        # Sudo: which languages are installed is no secret.
        installed = dict(self.env["res.lang"].sudo().get_installed())
        return lang if lang in installed else tenant.language

    @api.model
    def _moment(self, at):
        """Return `at` as a naive datetime in UTC."""
        if not at:
            return fields.Datetime.now()
        try:
            moment = datetime.fromisoformat(str(at))
        except ValueError as error:
            raise UserError(
                self.env._("“%(value)s” is no time in ISO format.", value=at)
            ) from error
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise UserError(self.env._("“%(value)s” is too far away.", value=at))
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

    @api.model
    def _date(self, value):
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise UserError(
                self.env._("“%(value)s” is no date in ISO format.", value=value)
            ) from error


def _iso_instant(moment):
    return iso_text(moment.replace(tzinfo=None)) if moment else False
