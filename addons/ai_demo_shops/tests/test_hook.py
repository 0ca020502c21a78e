from odoo.tests import tagged

from ..loader.hook import post_init_hook
from ..loader.records import MODULE
from .common import DemoShopsCase

COUNTED = (
    "ai.agent",
    "ai.channel",
    "ai.channel.hook",
    "ai.crew",
    "ai.tenant",
    "crm.team",
    "ir.sequence",
    "product.attribute.value",
    "product.category",
    "product.product",
    "product.tag",
    "product.template",
    "res.company",
    "res.partner",
    "res.users",
    "sale.order",
    "stock.move",
    "stock.picking",
    "stock.quant",
    "stock.warehouse",
)


@tagged("post_install", "-at_install")
class TestHook(DemoShopsCase):
    def _counts(self):
        return {
            model: self.env[model].with_context(active_test=False).search_count([])
            for model in COUNTED
        }

    def test_running_it_again_changes_nothing(self):
        before = self._counts()
        quantities = self.env["stock.quant"].search([]).mapped("quantity")
        self.ref("casa_ipe_product_sofa_ipanema").list_price = 2222.0
        post_init_hook(self.env)
        self.assertEqual(self._counts(), before)
        self.assertEqual(self.env["stock.quant"].search([]).mapped("quantity"), quantities)
        # A person's edit of the demo survives.
        self.assertEqual(self.ref("casa_ipe_product_sofa_ipanema").list_price, 2222.0)

    def test_the_crews_have_the_shops_own_agents(self):
        for key in ("casa_ipe", "luma"):
            document = self.ref(f"{key}_tenant")._tenant_document()
            enabled = [name for name, crew in document["crews"].items() if crew["enabled"]]
            self.assertEqual(enabled, ["customer_service", "product_management"])
            for name in enabled:
                [agent] = document["crews"][name]["agents"]
                self.assertTrue(agent["role"] and agent["goal"] and agent["tools"])
            [channel] = document["integrations"]["chatwoot"]["channels"]
            self.assertEqual(len(channel["owner_phones"]), 1)

    def test_a_deleted_record_comes_back(self):
        self.ref("luma_tag_travel").unlink()
        post_init_hook(self.env)
        self.assertEqual(self.ref("luma_tag_travel").name, "Travel Size")

    def test_an_upgrade_of_the_addon_would_keep_the_records(self):
        names = self.env["ir.model.data"].search([("module", "=", MODULE)])
        self.assertGreater(len(names), 400)
        self.assertTrue(all(names.mapped("noupdate")))

    def test_languages_and_currencies_are_active(self):
        installed = dict(self.env["res.lang"].get_installed())
        self.assertLessEqual({"pt_BR", "en_US"}, set(installed))
        self.assertTrue(self.env.ref("base.BRL").active)
        self.assertTrue(self.env.ref("base.USD").active)

    def test_tenants_wait_to_be_connected(self):
        for key, account in (("casa_ipe", "account_1"), ("luma", "account_2")):
            tenant = self.ref(f"{key}_tenant")
            self.assertEqual(tenant.account_id, account)
            self.assertEqual(tenant.company_id, self.ref(f"{key}_company"))
            self.assertEqual(tenant.channel_ids, self.ref(f"{key}_channel"))
            self.assertEqual(tenant.language, self.shops[key]["company"]["language"])
            self.assertFalse(tenant.include_shared_records)
            self.assertEqual(tenant.business_area, self.shops[key]["tenant"]["business_area"])
