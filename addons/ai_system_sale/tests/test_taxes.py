from odoo.tests import tagged

from .common import WHO, SaleCase


@tagged("post_install", "-at_install")
class TestTaxes(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country = cls.env.ref("base.us")
        (cls.company + cls.other_company).country_id = cls.country
        cls.ten = cls._tax("Ten", 10.0, cls.company)
        cls.included = cls._tax(
            "Included", 25.0, cls.company, price_include_override="tax_included"
        )
        cls.others = cls._tax("Theirs", 50.0, cls.other_company)

    @classmethod
    def _tax(cls, name, amount, company, **values):
        group = cls.env["account.tax.group"].create(
            {"name": name, "company_id": company.id, "country_id": cls.country.id}
        )
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": "sale",
                "company_id": company.id,
                "country_id": cls.country.id,
                "tax_group_id": group.id,
                **values,
            }
        )

    def _quote(self, quantity=1, **more):
        [row] = self.facade.price_quotes(self._lines((self.sofa, quantity)), **more)
        return row

    def test_taxes_on_top(self):
        self.sofa.taxes_id = self.ten + self.others
        row = self._quote(3)
        self.assertFalse(row["tax_included"])
        self.assertEqual(row["taxes"], [{"name": "Ten", "amount": 30.0}])
        self.assertEqual((row["subtotal"], row["tax"], row["total"]), (300.0, 30.0, 330.0))
        self.assertEqual(row["unit_price"], 100.0)

    def test_taxes_inside(self):
        self.sofa.taxes_id = self.included
        row = self._quote(2)
        self.assertTrue(row["tax_included"])
        self.assertEqual(row["taxes"], [{"name": "Included", "amount": 40.0}])
        self.assertEqual((row["subtotal"], row["tax"], row["total"]), (160.0, 40.0, 200.0))

    def test_the_customers_fiscal_position_maps_them(self):
        position = self.env["account.fiscal.position"].create(
            {"name": "Export", "company_id": self.company.id}
        )
        export = self._tax("Export", 0.0, self.company)
        export.write({"fiscal_position_ids": position.ids, "original_tax_ids": self.ten.ids})
        self.sofa.taxes_id = self.ten
        self.family.with_company(self.company).property_account_position_id = position
        self.assertEqual(self._quote()["total"], 110.0)
        row = self._quote(partner_id=self.ana.id)
        self.assertEqual((row["tax"], row["total"]), (0.0, 100.0))
        told = self.facade.quotation_create(
            self.ana.id, self._lines((self.sofa, 1)), self._key(), WHO
        )
        self.assertEqual(told["total"], row["total"])

    def test_a_quotation_costs_what_was_quoted(self):
        self.sofa.taxes_id = self.included
        self.lamp.taxes_id = self.ten
        lines = self._lines((self.sofa, 3), (self.lamp, 7))
        quoted = self.facade.price_quotes(lines, partner_id=self.ana.id)
        told = self.facade.quotation_create(self.ana.id, lines, self._key(), WHO)
        self.assertAlmostEqual(sum(row["total"] for row in quoted), told["total"], 2)
        self.assertEqual([row["total"] for row in quoted], [x["total"] for x in told["lines"]])

    def test_query_count_does_not_grow_with_the_lines(self):
        products = self.env["product.template"]
        for number in range(30):
            products += self._product(f"P{number}", self.company, list_price=number + 1)
        products.taxes_id = self.ten
        lines = [
            {"product_id": product.id, "quantity": place + 1}
            for place, product in enumerate(products)
        ]

        def queries(asked):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.facade.price_quotes(asked, partner_id=self.ana.id)
            return self.env.cr.sql_log_count - before

        queries(lines)
        few, many = queries(lines[:5]), queries(lines)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 45)
