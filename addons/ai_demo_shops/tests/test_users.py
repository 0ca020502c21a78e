from odoo.exceptions import AccessDenied, AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DemoShopsCase


@tagged("post_install", "-at_install")
class TestUsers(DemoShopsCase):
    def test_each_shop_has_a_salesperson_and_a_manager(self):
        for key, shop in self.shops.items():
            self.assertEqual([u["role"] for u in shop["user"]], ["salesperson", "manager"])
            for data in shop["user"]:
                user = self.ref(f"{key}_user_{data['key']}")
                self.assertEqual(user.company_ids, self.ref(f"{key}_company"))
                self.assertEqual(user.lang, shop["company"]["language"])
                self.assertTrue(user.has_group("ai_system.ai_system_group_user"))
                self.assertEqual(
                    user.has_group("ai_system.ai_system_group_manager"), data["role"] == "manager"
                )

    def test_a_salesperson_sells_but_does_not_write_products(self):
        ana = self.ref("casa_ipe_user_ana")
        sofa = self.ref("casa_ipe_product_sofa_ipanema").with_user(ana)
        self.assertEqual(sofa.list_price, 2190.0)
        with self.assertRaises(AccessError):
            sofa.list_price = 1.0
        order = (
            self.env["sale.order"]
            .with_user(ana)
            .create({"partner_id": self.ref("casa_ipe_customer_mariana").id})
        )
        self.assertEqual(order.company_id, self.ref("casa_ipe_company"))

    def test_everybody_sees_attributes_and_variants(self):
        for key, shop in self.shops.items():
            for data in shop["user"]:
                user = self.ref(f"{key}_user_{data['key']}")
                self.assertTrue(user.has_group("product.group_product_variant"))

    def test_a_manager_writes_products(self):
        noah = self.ref("luma_user_noah")
        balm = self.ref("luma_product_lip_balm").with_user(noah)
        balm.list_price = 9.5
        self.assertEqual(balm.list_price, 9.5)

    def test_a_manager_sees_only_the_tenant_of_the_shop(self):
        noah = self.ref("luma_user_noah")
        tenants = self.env["ai.tenant"].with_user(noah).search([])
        self.assertEqual(tenants, self.ref("luma_tenant"))

    def test_the_documented_passwords_and_no_others_open_the_door(self):
        for shop in self.shops.values():
            for data in shop["user"]:
                credential = {"type": "password", "login": data["login"]}
                log_in = self.env["res.users"].authenticate
                found = log_in({**credential, "password": data["password"]}, {"interactive": False})
                self.assertEqual(found["uid"], self.ref(f"{shop['key']}_user_{data['key']}").id)
                with (
                    mute_logger("odoo.addons.base.models.res_users"),
                    self.assertRaises(AccessDenied),
                ):
                    log_in({**credential, "password": "wrong"}, {"interactive": False})
