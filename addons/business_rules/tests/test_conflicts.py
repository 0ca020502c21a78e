from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, tagged

from ..conflicts import Claim, conflicts, identical, replaced
from .common import RulesCase


def claim(number, subject="return", terms=None, **changes):
    values = {"temporary": False, "terms": terms or {"days": number}, **changes}
    return Claim(id=number, subject=subject, **values)


@tagged("post_install", "-at_install")
class TestConflictsEngine(BaseCase):
    def _pairs(self, *claims):
        return [(found.first, found.second, found.subject) for found in conflicts(claims)]

    def test_two_figures_for_the_same(self):
        self.assertEqual(self._pairs(claim(7), claim(30)), [(7, 30, "return")])
        same = claim(30, terms={"days": 7})
        self.assertEqual(self._pairs(claim(7), same), [])
        self.assertEqual(self._pairs(claim(7), claim(30, "warranty", {"months": 12})), [])

    def test_what_one_does_not_say_is_no_contradiction(self):
        one = claim(1, "delivery", {"cost": "fixed", "fee": 9.0, "days_max": None})
        other = claim(2, "delivery", {"cost": None, "fee": None, "days_max": 5})
        self.assertEqual(self._pairs(one, other), [])

    def test_a_rule_for_some_goes_before_one_for_all(self):
        self.assertEqual(self._pairs(claim(7), claim(30, products={1: 5})), [])

    def test_products_and_categories_overlap(self):
        by_product = claim(7, products={1: 5})
        self.assertEqual(len(self._pairs(by_product, claim(30, products={1: 5, 2: 5}))), 1)
        self.assertEqual(self._pairs(by_product, claim(30, products={2: 5})), [])
        self.assertEqual(len(self._pairs(by_product, claim(30, categories=frozenset({5, 6})))), 1)
        self.assertEqual(self._pairs(by_product, claim(30, categories=frozenset({6}))), [])

    def test_regions_overlap(self):
        one = claim(1, "delivery", {"fee": 1.0}, regions=frozenset({"sp", "rio"}))
        self.assertEqual(
            len(self._pairs(one, claim(2, "delivery", {"fee": 2.0}, regions=frozenset({"rio"})))), 1
        )
        for regions in (frozenset({"bahia"}), frozenset()):
            other = claim(2, "delivery", {"fee": 2.0}, regions=regions)
            self.assertEqual(self._pairs(one, other), [])

    def test_temporary_and_permanent_rules_do_not_contradict_each_other(self):
        self.assertEqual(self._pairs(claim(7), claim(30, temporary=True)), [])

    def test_a_temporary_rule_replaces_what_it_covers(self):
        special = claim(9, temporary=True)
        self.assertEqual(replaced([claim(7), special]), {7})
        self.assertEqual(replaced([claim(7), claim(9, "promotion", temporary=True)]), set())
        for_sofas = claim(9, temporary=True, categories=frozenset({5, 6}))
        self.assertEqual(replaced([claim(7), for_sofas]), set(), "the rest is still under it")
        self.assertEqual(replaced([claim(7, products={1: 6}), for_sofas]), {7})
        self.assertEqual(replaced([claim(7, products={1: 6, 2: 8}), for_sofas]), set())
        self.assertEqual(replaced([claim(7, categories=frozenset({6})), for_sofas]), {7})

    def test_in_a_region_only(self):
        here = claim(9, temporary=True, regions=frozenset({"sp"}))
        self.assertEqual(replaced([claim(7), here]), set())
        self.assertEqual(replaced([claim(7, regions=frozenset({"sp"})), here]), {7})

    def test_identical_is_more_than_alike(self):
        self.assertTrue(identical(claim(1, terms={"days": 7}), claim(2, terms={"days": 7})))
        other_words = claim(2, terms={"days": 7}, text="x")
        self.assertFalse(identical(claim(1, terms={"days": 7}), other_words))


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestConflicts(RulesCase):
    def test_both_records_say_what_contradicts_what(self):
        one = self._rule("return", name="Trocas", return_days=7)
        other = self._rule("return", name="Troca estendida", return_days=30)
        expected = (
            "Two return periods for the same products: 7 days (Trocas) and "
            "30 days (Troca estendida)."
        )
        self.assertEqual((one.conflict_text, other.conflict_text), (expected, expected))
        found = self.env["ai.business.rule"].search([("has_conflict", "=", True)])
        self.assertEqual(found & (one | other), one | other)
        self.assertEqual(self.profile.conflict_count, 2)

    def test_is_gone_when_one_of_them_is(self):
        one = self._rule("return", return_days=7)
        other = self._rule("return", return_days=30)
        for change in ({"available": False}, {"stage": "draft"}, {"active": False}):
            with self.subTest(change=change):
                self.assertTrue(one.conflict_text)
                old = {name: other[name] for name in change}
                other.write(change)
                one.invalidate_recordset()
                self.assertFalse(one.conflict_text)
                other.write(old)
                one.invalidate_recordset()

    def test_two_promotions_with_the_same_coupon(self):
        one = self._promotion(coupon="HOME", name="A")
        other = self._promotion(coupon="home ", name="B", discount_percent=20.0)
        self.assertIn("coupon HOME: 10% (A) and 20% (B)", one.conflict_text)
        other.write({"date_from": "2026-12-01", "date_to": "2026-12-05"})
        one.invalidate_recordset()
        self.assertFalse(one.conflict_text, "never at the same time")

    def test_delivery_payment_and_warranty(self):
        one = self._rule("delivery", delivery_cost="fixed", delivery_fee=10)
        self._rule("delivery", delivery_cost="fixed", delivery_fee=20)
        self.assertIn("Two delivery terms", one.conflict_text)
        one = self._rule("payment", installments_max=3)
        self._rule("payment", installments_max=6)
        self.assertIn("Two payment conditions", one.conflict_text)
        one = self._rule("warranty", warranty_months=3)
        self._rule("warranty", warranty_months=6)
        self.assertIn("Two warranties", one.conflict_text)

    def test_a_category_holds_all_below_it(self):
        parent = self.env["product.category"].create({"name": "Living"})
        child = self.env["product.category"].create({"name": "Sofas", "parent_id": parent.id})
        sofa = self._product("Sofa", categ_id=child.id)
        one = self._rule("return", return_days=7, category_ids=[Command.set(parent.ids)])
        self._rule("return", return_days=30, product_ids=[Command.set(sofa.ids)])
        self.assertTrue(one.has_conflict)

    def test_other_companies_do_not_count(self):
        one = self._rule("return", return_days=7)
        self._rule("return", return_days=30, profile_id=self.other_profile.id)
        self.assertFalse(one.has_conflict)

    def test_the_same_once_more_is_refused(self):
        self._rule("return", name="Trocas", return_days=7)
        with self.assertRaisesRegex(ValidationError, "says the same as “Trocas”"):
            self._rule("return", name="Trocas de novo", return_days=7)
        self._rule("general", name="One", text="")
        self._rule("general", name="Two", text="")
        draft = self._rule("return", name="Trocas de novo", return_days=7, stage="draft")
        with self.assertRaisesRegex(ValidationError, "says the same"):
            draft.action_confirm()

    def test_while_a_temporary_rule_holds_the_permanent_one_does_not(self):
        permanent = self._rule("return", return_days=7)
        self._promotion(kind="holiday", discount_kind=False, replaces="return", return_days=60)
        told = [fact["id"] for fact in self._facade().rules_in_force()]
        self.assertNotIn(permanent.id, told)
        self.assertEqual(len(told), 1)
        with freeze_time("2026-12-01 03:00:00"):
            self.assertEqual(
                [fact["id"] for fact in self._facade().rules_in_force()], permanent.ids
            )
