from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import RulesCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestSentences(RulesCase):
    def _methods(self, *codes):
        return [Command.set(self.env["ai.payment.method"].search([("code", "in", codes)]).ids)]

    def test_delivery(self):
        rule = self._rule(
            "delivery",
            delivery_min=3,
            delivery_max=7,
            delivery_cost="fixed",
            delivery_fee=49,
            delivery_free_from=1500,
            delivery_excluded="islands",
        )
        self.assertEqual(
            rule.sentence,
            "Delivery takes 3 to 7 working days. Delivery costs $\xa049.00 and is free from "
            "$\xa01,500.00. We do not deliver to: islands.",
        )
        rule.write({"delivery_min": 0, "delivery_max": 1, "delivery_unit": "hours"})
        self.assertTrue(rule.sentence.startswith("Delivery takes up to 1 hour."))
        rule.write({"delivery_min": 40, "delivery_max": 40, "delivery_unit": "minutes"})
        self.assertTrue(rule.sentence.startswith("Delivery takes 40 minutes."))
        rule.write({"delivery_cost": "free", "delivery_regions": "Centro"})
        self.assertIn("Delivery is free. We deliver to: Centro.", rule.sentence)
        rule.delivery_cost = "quoted"
        self.assertIn("quoted case by case", rule.sentence)

    def test_payment(self):
        rule = self._rule(
            "payment",
            payment_method_ids=self._methods("pix", "cash", "credit_card"),
            cash_change=True,
            installments_max=10,
            installments_free=6,
            installment_min=50,
            pix_discount=7.5,
        )
        self.assertEqual(
            rule.sentence,
            "We accept PIX, Cash, and Credit card. We give change for cash. In up to 10 "
            "installments, up to 6 of them without interest, of at least $\xa050.00 each. "
            "7.5% off when paying with PIX.",
        )
        rule.installments_free = 10
        self.assertIn("In up to 10 installments, without interest, of at least", rule.sentence)

    def test_return_and_warranty(self):
        rule = self._rule("return", return_days=7, conditions="Unused, in the packaging")
        self.assertEqual(
            rule.sentence,
            "Returns are accepted within 7 days of receipt. Unused, in the packaging.",
        )
        self.assertEqual(
            self._rule("warranty", warranty_months=1).sentence, "The warranty is 1 month."
        )
        self.assertEqual(
            self._rule("warranty", warranty_months=12, text="x").sentence,
            "The warranty is 12 months.",
        )

    def test_promotion(self):
        sofas = self.env["product.category"].create({"name": "Sofas"})
        rule = self._promotion(
            coupon="SOFA10", minimum_purchase=500, category_ids=[Command.set(sofas.ids)]
        )
        self.assertEqual(
            rule.sentence,
            "10% off Sofas, with the coupon SOFA10, on purchases of $\xa0500.00 or more, from "
            "11/20/2026 to 11/30/2026.",
        )
        rule.write({"discount_kind": "fixed", "discount_amount": 30, "category_ids": [(5, 0, 0)]})
        self.assertTrue(rule.sentence.startswith("$\xa030.00 off everything"))
        rule.write({"with_times": True, "time_from": 8, "time_to": 18.5})
        self.assertIn("from 11/20/2026 08:00 to 11/30/2026 18:30.", rule.sentence)

    def test_a_temporary_rule_that_replaces_a_permanent_one(self):
        rule = self._promotion(
            kind="seasonal", discount_kind=False, replaces="delivery", delivery_cost="free"
        )
        self.assertEqual(rule.sentence, "Delivery is free. Valid from 11/20/2026 to 11/30/2026.")

    def test_many_products_are_counted(self):
        products = self.env["product.template"].create(
            [{"name": f"P{n}", "company_id": self.company.id} for n in range(8)]
        )
        rule = self._rule("return", return_days=7, product_ids=[Command.set(products.ids)])
        self.assertIn("This holds for: ", rule.sentence)
        self.assertIn("and 3 more", rule.sentence)

    def test_words_alone_make_no_sentence(self):
        self.assertEqual(self._rule("general").sentence, "")

    def test_speaks_the_tenants_language_and_any_other_one_that_is_asked_for(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        rule = self._promotion(coupon="SOFA10")
        self.tenant.language = "pt_BR"
        self.assertIn("10% de desconto em tudo", rule.sentence)
        self.assertIn("de 20/11/2026 a 30/11/2026", rule.sentence)
        self.assertIn("10% off everything", rule._sentence("en_US"))
        self.assertIn(
            "1.500,00",
            self._rule(
                "delivery", delivery_cost="fixed", delivery_fee=5, delivery_free_from=1500
            ).sentence,
        )
