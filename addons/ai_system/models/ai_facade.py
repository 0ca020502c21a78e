"""What the sidecar may ask of Odoo: public, batched methods, called over XML-RPC.

Every method acts for the one tenant whose integration user calls. Reading happens with that user's
own rights (ACL and the strict record rules of this addon), so a mistake here cannot show another
company's records; each sudo() says why it is needed nevertheless.
"""

import logging

from odoo import api, models, release
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

MAX_IDS = 1000
MAX_AUDIT_ROWS = 200
AUDIT_ROW = {
    "uuid": str,
    "at": (int, float),
    "operation": str,
    "subject": str,
    "service": str,
    "ip": str,
    "result": str,
    "code": str,
    "count": int,
}
AUDIT_RESULTS = ("ok", "refused", "error")


class AiFacade(models.AbstractModel):
    _name = "ai.facade"
    _description = "AI Service Facade"

    @api.model
    def ping(self):
        """Return who the caller acts for and which methods there are."""
        tenant = self._tenant()
        # Sudo: the uuid tells the sidecar which database it talks to.
        params = self.env["ir.config_parameter"].sudo()
        return {
            "account_id": tenant.account_id,
            "company_id": tenant.company_id.id,
            "database_uuid": params.get_param("database.uuid"),
            "odoo_version": release.version,
            "capabilities": self._capabilities(),
        }

    @api.model
    def product_ids(self, after_id=0, limit=500):
        """Return up to `limit` (≤ 1000) ids, ascending, of saleable products with id > after_id."""
        tenant = self._tenant()
        domain = Domain("sale_ok", "=", True) & Domain("id", ">", int(after_id))
        return (
            self._products(tenant)
            .search(
                self._product_domain(tenant) & domain,
                order="id",
                limit=max(1, min(int(limit), MAX_IDS)),
            )
            .ids
        )

    @api.model
    def product_facts(self, ids, lang=None):
        """Return the facts of the tenant's products among `ids`, in that order.

        ids: at most 1000 ids of product.template; others' ids are left out. lang: code of an
        installed language, the tenant's when None or not installed. The facts' shape is in
        docs/contracts.md. The number of queries does not depend on the number of ids.
        """
        tenant = self._tenant()
        return self._products_among(tenant, ids, lang, active_test=False)._ai_facts(tenant)

    @api.model
    def job_result(self, job_uuid, state, result=False, error=False):
        """Take over how a job ended; return True. The same call again changes nothing.

        state: "done" with result (dict), or "failed" with error ({"code", "message"}). An id that
        no job has any more (it was deleted, or tried again under a new id) is acknowledged too,
        so that the sidecar stops offering it.
        """
        tenant = self._tenant()
        # Sudo: the integration user has no rights on jobs; below only the tenant's own is touched.
        job = self.env["ai.job"].sudo().search([("uuid", "=", job_uuid)])
        if not job:
            _logger.info("a result for the unknown job %s of %s", job_uuid, tenant.account_id)
            return True
        if job.tenant_id != tenant:
            raise AccessError(self.env._("This job belongs to another tenant."))
        if state == "done" and isinstance(result, dict):
            job._finish(result)
        elif state == "failed" and isinstance(error, dict):
            code = str(error.get("code") or "internal_error")
            job._ran_and_failed(code, str(error.get("message") or ""))
        else:
            raise UserError(
                self.env._("A result is either done with a result or failed with an error.")
            )
        return True

    @api.model
    def audit_rows(self, rows):
        """Take over what the sidecar reports for the audit; return True.

        rows: at most 200 dicts as in docs/contracts.md; UserError names the first fault. Here they
        go to the server's log; an addon with an audit log keeps them, each uuid once.
        """
        tenant = self._tenant()
        self._check_audit_rows(rows)
        for row in rows:
            _logger.info(
                "%s reports: %s %r from %s %s: %s %s ×%d",
                tenant.account_id,
                row["operation"],
                row["subject"],
                row["service"],
                row["ip"],
                row["result"],
                row["code"],
                row["count"],
            )
        return True

    @api.model
    def _check_audit_rows(self, rows):
        if not isinstance(rows, list) or len(rows) > MAX_AUDIT_ROWS:
            raise UserError(self.env._("Report at most %(count)s rows.", count=MAX_AUDIT_ROWS))
        for row in rows:
            if not isinstance(row, dict) or row.keys() != AUDIT_ROW.keys():
                names = ", ".join(AUDIT_ROW)
                raise UserError(self.env._("A row has exactly these keys: %(keys)s.", keys=names))
            for name, kind in AUDIT_ROW.items():
                if not isinstance(row[name], kind) or isinstance(row[name], bool):
                    raise UserError(self.env._("The value of “%(key)s” is wrong.", key=name))
            if row["result"] not in AUDIT_RESULTS or not row["uuid"]:
                raise UserError(self.env._("The value of “%(key)s” is wrong.", key="result"))

    @api.model
    def _capabilities(self):
        """Return the names of the public methods; addons that add some extend the list."""
        return [
            "ping",
            "product_ids",
            "product_facts",
            "job_result",
            "audit_rows",
            "product_details",
            "stock_levels",
            "set_sync_states",
            "price_quotes",
            "find_partners",
            "partner_profile",
            "readable_models",
            "search_records",
            "read_records",
            "group_records",
        ]

    @api.model
    def _tenant(self):
        """Return (sudo) the tenant whose integration user calls; AccessError for others."""
        user = self.env.user
        group = "ai_system.ai_system_group_integration"
        # The superuser has no tenant either: nothing here may run without one.
        if self.env.su or not user.has_group(group) or user.has_group("base.group_user"):
            raise AccessError(self.env._("Only the integration user of a tenant may do this."))
        # Sudo: the integration user cannot read tenants, not even its own.
        tenant = self.env["ai.tenant"].sudo().search([("integration_user_id", "=", user.id)])
        if len(tenant) != 1:
            raise AccessError(self.env._("This user serves no active tenant."))
        return tenant

    @api.model
    def _tenant_env(self, tenant, lang=None):
        """Return the caller's environment in the tenant's company alone.

        lang: code of an installed language, else the tenant's.
        """
        # Sudo: which languages are installed is no secret.
        installed = dict(self.env["res.lang"].sudo().get_installed())
        # A clean context: what a caller puts in it must not widen or bend what is read.
        context = {
            "allowed_company_ids": tenant.company_id.ids,
            "tz": tenant.timezone,
            "lang": lang if lang in installed else tenant.language,
        }
        return self.env(context=context)

    @api.model
    def _checked_ids(self, ids):
        """Return `ids` without repetitions; UserError when it is no list of at most 1000 ids."""
        if not isinstance(ids, list | tuple) or not all(_is_id(record_id) for record_id in ids):
            raise UserError(self.env._("Give a list of ids."))
        if len(ids) > MAX_IDS:
            raise UserError(self.env._("Ask for at most %(count)s ids.", count=MAX_IDS))
        return list(dict.fromkeys(ids))

    @api.model
    def _products(self, tenant):
        """Return product.template as the caller sees it, in the tenant's company alone."""
        # A clean context: what a caller puts in it must not widen or bend what is read.
        context = {"allowed_company_ids": tenant.company_id.ids, "tz": tenant.timezone}
        env = self.env(context=context)
        return env["product.template"]

    @api.model
    def _products_among(self, tenant, ids, lang=None, **context):
        """Return the tenant's products among `ids`, in that order, with the caller's rights."""
        wanted = self._checked_ids(ids)
        products = self._tenant_env(tenant, lang)["product.template"].with_context(**context)
        domain = self._product_domain(tenant) & Domain("id", "in", wanted)
        found = set(products.search(domain).ids)
        return products.browse([record_id for record_id in wanted if record_id in found])

    @api.model
    def _product_domain(self, tenant):
        """Return the strict company filter: the same as the record rule, once more."""
        domain = Domain("company_id", "=", tenant.company_id.id)
        if tenant.include_shared_records:
            domain |= Domain("company_id", "=", False)
        return domain


def _is_id(value):
    # What PostgreSQL's integer holds; True would pass for 1.
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
