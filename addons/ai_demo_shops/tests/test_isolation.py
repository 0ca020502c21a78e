from odoo.tests import tagged

from .common import DemoShopsCase


@tagged("post_install", "-at_install")
class TestIsolation(DemoShopsCase):
    def test_every_record_of_a_shop_carries_its_company(self):
        for key, shop in self.shops.items():
            company = self.ref(f"{key}_company")
            for product in shop["product"]:
                self.assertEqual(self.ref(f"{key}_product_{product['key']}").company_id, company)
            for customer in shop["customer"]:
                self.assertEqual(self.ref(f"{key}_customer_{customer['key']}").company_id, company)
            for user in shop["user"]:
                partner = self.ref(f"{key}_user_{user['key']}").partner_id
                self.assertEqual(partner.company_id, company)
            for order in shop["order"]:
                self.assertEqual(self.ref(f"{key}_order_{order['key']}").company_id, company)

    def test_the_trap_records_belong_to_nobody_and_are_in_stock(self):
        for key in ("sofa", "serum", "service"):
            product = self.ref(f"shared_product_{key}")
            self.assertFalse(product.company_id)
            self.assertIn("never show", product.name)
            self.assertTrue(product.sale_ok)
        for shop in self.shops:
            company = self.ref(f"{shop}_company")
            sofa = self.ref("shared_product_sofa").with_context(allowed_company_ids=company.ids)
            self.assertEqual(sofa.qty_available, 50)
        for key in ("ana_maria", "john"):
            partner = self.ref(f"shared_partner_{key}")
            self.assertFalse(partner.company_id)
            self.assertTrue(partner.phone)

    def test_odoo_itself_shows_the_trap_to_a_salesperson(self):
        """What makes it a trap: the record rules of Odoo let records without a company through."""
        ana = self.ref("casa_ipe_user_ana")
        seen = self.env["product.template"].with_user(ana).search([("name", "ilike", "never show")])
        self.assertEqual(len(seen), 3)
        luma = [("company_id", "=", self.ref("luma_company").id)]
        self.assertFalse(self.env["product.template"].with_user(ana).search(luma))
