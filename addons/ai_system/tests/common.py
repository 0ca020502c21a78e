from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.base.models.ir_cron import IrCron

from .. import chatwoot_setup, sidecar_client
from ..models import ai_job_sender
from . import fake_sidecar


class AiSystemCase(TransactionCase):
    """Two companies, each with a tenant; the first has products, people and a fake sidecar."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        # The tests read both languages, whatever the database has.
        for language in ("en_US", "pt_BR"):
            cls.env["res.lang"]._activate_lang(language)
        cls.currency = cls.env.ref("base.USD")
        cls.company, cls.other_company = cls.env["res.company"].create(
            [
                {"name": "Shop One", "currency_id": cls.currency.id},
                {"name": "Shop Two", "currency_id": cls.currency.id},
            ]
        )
        cls.tenant, cls.other_tenant = cls.env["ai.tenant"].create(
            [
                cls._tenant_values(cls.company, "test_one"),
                cls._tenant_values(cls.other_company, "test_two"),
            ]
        )
        cls.manager = cls._person("manager_one", cls.company, "ai_system.ai_system_group_manager")
        cls.salesperson = cls._person("sales_one", cls.company, "ai_system.ai_system_group_user")

    @classmethod
    def _tenant_values(cls, company, account_id):
        return {
            "name": company.name,
            "account_id": account_id,
            "company_id": company.id,
            "business_area": "furniture",
            "language": "en_US",
            "timezone": "UTC",
        }

    @classmethod
    def _person(cls, login, company, groups):
        return new_test_user(
            cls.env,
            login=login,
            lang="en_US",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _product(cls, name, company, **values):
        return cls.env["product.template"].create(
            {"name": name, "company_id": company.id if company else False, **values}
        )

    @classmethod
    def _channel(cls, tenant=None, **values):
        return cls.env["ai.channel"].create(
            {
                "name": "Site",
                "tenant_id": (tenant or cls.tenant).id,
                "url": "https://chat.example.com",
                "inbox_id": 1,
                **values,
            }
        )

    def _crew(self, key, tenant=None):
        return (tenant or self.tenant).crew_ids.filtered(lambda crew: crew.key == key)

    def _start_sidecar(self):
        """Start a fake sidecar for this test and return it."""
        sidecar = fake_sidecar.FakeSidecar()
        self.addCleanup(sidecar.close)
        return sidecar

    def _connect(self, tenant, url):
        """Make `tenant` look as after an enrollment at `url`."""
        tenant._ensure_integration_user()
        tenant._new_api_key()
        tenant._set_secret("signing_key", fake_sidecar.SIGNING_KEY)
        tenant._set_secret("signing_key_id", fake_sidecar.KEY_ID)
        tenant.write({"state": "connected", "sidecar_url": url, "sync_state": "synced"})

    def _integration_user(self, tenant):
        """Return the tenant's integration user, made when needed."""
        tenant._ensure_integration_user()
        return tenant.integration_user_id

    def _run_sender(self):
        """Run the sender's cron once, without waiting for later retries."""
        with (
            patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")),
            patch.object(ai_job_sender, "LINGER", 0),
            # Odoo's guard of the tests' network compares the timeout with a number.
            patch.object(sidecar_client, "TIMEOUT", 10),
            patch.object(chatwoot_setup, "TIMEOUT", 10),
        ):
            self.env["ai.job"]._cron_send()

    def _facade(self, tenant):
        return self.env["ai.facade"].with_user(self._integration_user(tenant))
