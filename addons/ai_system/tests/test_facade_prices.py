from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestFacadePrices(AiSystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant._ensure_integration_user()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref("product.group_product_pricelist")
        cls.sofa = cls._product("Sofa", cls.company, list_price=100.0)
        cls.lamp = cls._product("Lamp", cls.company, list_price=20.0)
        cls.theirs = cls._product("Theirs", cls.other_company, list_price=5.0)
        cls.shared = cls._product("Shared", None, list_price=5.0)
        for product in (cls.sofa, cls.lamp):
            if "taxes_id" in product._fields:
                product.taxes_id = False
        cls.ana, cls.foreign = cls.env["res.partner"].create(
            [
                {"name": "Ana", "company_id": cls.company.id},
                {"name": "Foreign", "company_id": cls.other_company.id},
            ]
        )

    def setUp(self):
        super().setUp()
        self.facade = self._facade(self.tenant)

    def _price_list(self, name, *rules, company=None, currency=None, sequence=16):
        return self.env["product.pricelist"].create(
            {
                "name": name,
                "sequence": sequence,
                "company_id": (company or self.company).id,
                "currency_id": (currency or self.currency).id,
                "item_ids": [Command.create(rule) for rule in rules],
            }
        )

    def _give(self, partner, price_list):
        partner.with_company(self.company).specific_property_product_pricelist = price_list

    def _quote(self, quantity=1, product=None, **more):
        product = product or self.sofa
        lines = [{"product_id": product.id, "quantity": quantity}]
        [row] = self.facade.price_quotes(lines, **more)
        return row

    def test_the_list_price_without_a_price_list(self):
        self.assertEqual(
            self._quote(2),
            {
                "product_id": self.sofa.id,
                "variant_id": self.sofa.product_variant_id.id,
                "name": "Sofa",
                "quantity": 2.0,
                "uom": "Units",
                "currency": "USD",
                "list_price": 100.0,
                "unit_price": 100.0,
                "discount_percent": 0.0,
                "tax_included": False,
                "taxes": [],
                "subtotal": 200.0,
                "tax": 0.0,
                "total": 200.0,
                "pricelist": self._quote()["pricelist"],
            },
        )

    def test_the_customers_price_list_by_quantity(self):
        self._give(
            self.ana,
            self._price_list(
                "Friends",
                {"compute_price": "percentage", "percent_price": 10},
                {"compute_price": "percentage", "percent_price": 25, "min_quantity": 10},
            ),
        )
        one, ten = (self._quote(count, partner_id=self.ana.id) for count in (1, 10))
        self.assertEqual((one["unit_price"], one["discount_percent"]), (90.0, 10.0))
        self.assertEqual((ten["unit_price"], ten["discount_percent"]), (75.0, 25.0))
        self.assertEqual((ten["list_price"], ten["total"]), (100.0, 750.0))
        self.assertEqual(ten["pricelist"], "Friends")

    def test_a_price_list_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "company_id": self.company.id, "rate": 0.5}
        )
        self._give(self.ana, self._price_list("Europe", currency=euro))
        expected = self.currency._convert(100.0, euro, self.company)
        row = self._quote(partner_id=self.ana.id)
        self.assertEqual((row["currency"], row["unit_price"]), ("EUR", expected))
        self.assertEqual(row["list_price"], expected)

    def test_another_companys_price_list_is_never_used(self):
        self._price_list(
            "Theirs", {"compute_price": "fixed", "fixed_price": 1}, company=self.other_company
        )
        for row in (self._quote(), self._quote(partner_id=self.ana.id)):
            self.assertEqual(row["unit_price"], 100.0)
            self.assertNotEqual(row["pricelist"], "Theirs")

    def test_no_cost_where_a_rule_starts_from_it(self):
        self.sofa.with_company(self.company).standard_price = 61.5
        rule = {"compute_price": "formula", "base": "standard_price", "price_markup": 100}
        self._give(self.ana, self._price_list("Cost", rule))
        row = self._quote(partner_id=self.ana.id)
        self.assertEqual((row["unit_price"], row["list_price"]), (123.0, 100.0))
        self.assertEqual(row["discount_percent"], 0.0)
        self.assertNotIn("61.5", str(row))

    def test_an_ai_price_takes_the_list_prices_place(self):
        self._price_list("Public", sequence=1)
        rule = {"compute_price": "percentage", "percent_price": 10}
        self._give(self.ana, self._price_list("Friends", rule, sequence=2))
        templates = type(self.env["product.template"])
        with patch.object(templates, "_ai_price", lambda product, amount, tenant: 80.0):
            plain, friend = self._quote(), self._quote(partner_id=self.ana.id)
        self.assertEqual((plain["list_price"], plain["unit_price"]), (80.0, 80.0))
        self.assertEqual((friend["list_price"], friend["unit_price"]), (80.0, 72.0))

    def test_variants_and_their_surcharges(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Color",
                "value_ids": [Command.create({"name": name}) for name in ("Blue", "Gray")],
            }
        )
        self.sofa.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
        ]
        self.sofa.attribute_line_ids.product_template_value_ids[1].price_extra = 5.0
        gray = self.sofa.product_variant_ids[1]
        line = {"product_id": self.sofa.id, "variant_id": gray.id, "quantity": 2}
        [row] = self.facade.price_quotes([line])
        self.assertEqual((row["name"], row["unit_price"]), ("Sofa (Gray)", 105.0))
        row = self._quote()
        self.assertEqual(
            (row["variant_id"], row["name"], row["unit_price"]), (False, "Sofa", 100.0)
        )
        line["variant_id"] = self.lamp.product_variant_id.id
        with self.assertRaises(UserError):
            self.facade.price_quotes([line])

    def test_what_is_not_for_sale_here_has_no_price(self):
        for product in (self.theirs, self.shared):
            with self.subTest(product=product.name), self.assertRaises(UserError) as refused:
                self._quote(product=product)
            self.assertNotIn(product.name, str(refused.exception))
        for partner_id in (self.foreign.id, self.salesperson.partner_id.id, 2**31 - 1):
            with self.assertRaises(UserError):
                self._quote(partner_id=partner_id)
        for quantity in (0, -2, 10_001, float("nan"), True, "3", None):
            with self.subTest(quantity=quantity), self.assertRaises(UserError):
                self._quote(quantity)
