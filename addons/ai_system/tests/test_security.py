from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AiSystemCase

MODELS = ("ai.channel", "ai.channel.hook", "ai.crew", "ai.agent", "ai.tenant.check", "ai.job")


@tagged("post_install", "-at_install")
class TestSecurity(AiSystemCase):
    """Who sees what: each group, and the other company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._person("stranger", cls.company, "base.group_user")
        for tenant in cls.tenant | cls.other_tenant:
            cls._channel(tenant, inbox_id=tenant.id)
            cls.env["ai.agent"].create({"crew_id": tenant.crew_ids[0].id, "name": "a"})
            tenant._set_checks([{"part": "redis", "state": "ok"}])
            cls.env["ai.job"]._enqueue(tenant, "sync_products", {})

    def _of(self, model, tenant):
        return self.env[model].search([("company_id", "=", tenant.company_id.id)])

    def test_managers_see_their_companies_only(self):
        for model in MODELS:
            with self.subTest(model=model):
                seen = self.env[model].with_user(self.manager).search([])
                self.assertEqual(seen, self._of(model, self.tenant))
                self.assertTrue(seen)
                theirs = self._of(model, self.other_tenant).with_user(self.manager)
                with (
                    self.assertRaises(AccessError),
                    mute_logger("odoo.addons.base.models.ir_rule"),
                ):
                    theirs.read(["company_id"])

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_managers_change_their_companies_only(self):
        for model, values in (
            ("ai.tenant", {"name": "No"}),
            ("ai.channel", {"name": "No"}),
            ("ai.channel.hook", {"secret": "no"}),
            ("ai.crew", {"enabled": True}),
            ("ai.agent", {"role": "No"}),
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self._of(model, self.other_tenant).with_user(self.manager).write(values)
        with self.assertRaises(AccessError):
            self.env["ai.channel"].with_user(self.manager).create(
                {"name": "No", "tenant_id": self.other_tenant.id, "url": "https://x.example"}
            )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_tokens_for_another_companys_tenant_are_not_kept(self):
        wizards = self.env["ai.tenant.connect"].with_user(self.manager)
        with self.assertRaises(AccessError):
            wizards.create({"tenant_id": self.other_tenant.id, "token": "https://x.example#y"})
        self.assertFalse(self.other_tenant._get_secret("enrollment_token"))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_users_see_the_tenant_and_jobs_and_change_neither(self):
        sales = self.salesperson
        self.assertEqual(self.tenant.with_user(sales).name, "Shop One")
        self.assertTrue(self.env["ai.job"].with_user(sales).search([]))
        for model in ("ai.channel", "ai.channel.hook", "ai.crew", "ai.agent", "ai.tenant.check"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(sales).search([], limit=1)
        with self.assertRaises(AccessError):
            self.tenant.with_user(sales).write({"name": "No"})
        for name in ("llm_api_key", "pushed_document", "integration_user_id"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.tenant.with_user(sales).read([name])
        job = self._of("ai.job", self.tenant)[:1]
        for name in ("payload", "result"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                job.with_user(sales).read([name])

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_employees_without_an_ai_group_see_nothing(self):
        for model in ("ai.tenant", *MODELS, "ai.tool"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.stranger).search([], limit=1)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_what_nobody_makes_by_hand(self):
        crew = self._of("ai.crew", self.tenant)[:1]
        for user in (self.manager, self.salesperson):
            with self.assertRaises(AccessError):
                crew.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["ai.tenant.check"].with_user(user).create(
                    {"tenant_id": self.tenant.id, "part": "redis", "state": "ok"}
                )

    def test_users_do_see_their_tenants_form(self):
        self.tenant.with_user(self.salesperson).get_views([(False, "form"), (False, "list")])
        spec = {"name": {}, "is_testing": {}, "active_job_count": {}}
        self.tenant.with_user(self.salesperson).web_read(spec)
