from datetime import date, timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user

COUNTS = {"total": 0, "embedded": 0, "upserted": 0, "deleted": 0, "unchanged": 0}


class RulesCase(TransactionCase):
    """A connected tenant of São Paulo with a profile, another one, and people of the first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("en_US", "pt_BR"):
            cls.env["res.lang"]._activate_lang(code)
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "lang": "en_US"})
        cls.currency = cls.env.ref("base.USD")
        cls.company, cls.other_company = cls.env["res.company"].create(
            [
                {"name": "Rules One", "currency_id": cls.currency.id},
                {"name": "Rules Two", "currency_id": cls.currency.id},
            ]
        )
        cls.env.user.company_ids |= cls.company | cls.other_company
        cls.tenant, cls.other_tenant = cls.env["ai.tenant"].create(
            [
                cls._tenant_values(cls.company, "rules_one"),
                cls._tenant_values(cls.other_company, "rules_two"),
            ]
        )
        profiles = cls.env["ai.company.profile"]
        cls.profile = profiles.create({"tenant_id": cls.tenant.id, "name": "Rules One"})
        cls.other_profile = profiles.create({"tenant_id": cls.other_tenant.id, "name": "Two"})
        cls.manager = cls._person("rules_manager", "ai_system.ai_system_group_manager")
        cls.user = cls._person("rules_user", "ai_system.ai_system_group_user")

    @classmethod
    def _tenant_values(cls, company, account_id):
        return {
            "name": company.name,
            "account_id": account_id,
            "company_id": company.id,
            "business_area": "ecommerce",
            "language": "en_US",
            "timezone": "America/Sao_Paulo",
            "state": "connected",
        }

    @classmethod
    def _person(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=login,
            lang="en_US",
            tz="UTC",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _rule(self, kind="general", **values):
        values = {"name": kind.title(), "text": "Words.", **values}
        return self.env["ai.business.rule"].create(
            {"profile_id": self.profile.id, "kind": kind, **values}
        )

    def _promotion(self, first="2026-11-20", last="2026-11-30", **values):
        return self._rule(
            **{
                "kind": "promotion",
                "date_from": first,
                "date_to": last,
                "discount_kind": "percent",
                "discount_percent": 10.0,
                **values,
            },
        )

    def _product(self, name, company=None, **values):
        company = company or self.company
        return self.env["product.template"].create(
            {"name": name, "company_id": company.id, "list_price": 100.0, **values}
        )

    def _week(self, profile=None, **values):
        """Open Monday to Friday 9–18, with a break 12–13; `values` change every day."""
        profile = profile or self.profile
        profile.hour_ids.unlink()
        day = {"opens": 9.0, "closes": 18.0, "lunch_from": 12.0, "lunch_to": 13.0, **values}
        profile.hour_ids = [Command.create({"weekday": str(n), **day}) for n in range(5)]

    def _facade(self, tenant=None):
        tenant = tenant or self.tenant
        tenant._ensure_integration_user()
        return self.env["ai.facade"].with_user(tenant.integration_user_id)

    def _jobs(self, tenant=None, action="sync_rules"):
        tenant = tenant or self.tenant
        domain = [("tenant_id", "=", tenant.id), ("action", "=", action)]
        return self.env["ai.job"].search(domain, order="id")

    def _send(self, job):
        """Do what the sender does before it offers `job`; return the params it sends."""
        params = job._prepare_envelope()["params"]
        job.state = "sent"
        return params

    def _settle(self, *points):
        """Bring the first tenant's records up to date, as after a sync of all."""
        self._jobs().filtered(lambda job: job.state in ("pending", "sent")).write(
            {"state": "cancelled"}
        )
        for records in self.profile._all_synced():
            records._set_sync({"sync_state": "synced"})

    @staticmethod
    def _weekday(day: date, weekday: int) -> date:
        """Return the first date from `day` on with that weekday (0 = Monday)."""
        return day + timedelta(days=(weekday - day.weekday()) % 7)

    @staticmethod
    def _at(text):
        return fields.Datetime.to_datetime(text)
