from decimal import Decimal

from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from ..promotions import Promotion, best_offer, reduced_price, rounded
from .common import RulesCase

CENT = Decimal("0.01")


def percent(number, promotion_id=1, **limits):
    return Promotion(promotion_id, "percent", Decimal(number), **limits)


def fixed(number, promotion_id=1, **limits):
    return Promotion(promotion_id, "fixed", Decimal(number), **limits)


@tagged("post_install", "-at_install")
class TestPromotionsEngine(BaseCase):
    def _price(self, price, *promotions, **changes):
        offer = best_offer(Decimal(price), promotions, **{"product": 7, **changes})
        return str(offer.price)

    def test_percentages_and_amounts(self):
        self.assertEqual(self._price("2790.00", percent("10")), "2511.00")
        self.assertEqual(self._price("100.00", fixed("30")), "70.00")

    def test_is_rounded_half_up_as_the_currency_is(self):
        self.assertEqual(self._price("0.05", percent("50")), "0.03")
        self.assertEqual(str(rounded(Decimal("2.5"), Decimal("1"))), "3")
        self.assertEqual(str(rounded(Decimal("1.12"), Decimal("0.05"))), "1.10")
        self.assertEqual(str(rounded(Decimal("1.125"), Decimal("0.05"))), "1.15")
        # What binary fractions would get wrong.
        self.assertEqual(self._price("1.15", percent("50")), "0.58")

    def test_never_below_nothing(self):
        self.assertEqual(Decimal(self._price("20.00", fixed("50"))), 0)
        self.assertEqual(reduced_price(Decimal("9.99"), percent("100"), CENT), 0)

    def test_the_best_one_wins_and_they_do_not_add_up(self):
        self.assertEqual(self._price("100.00", percent("10"), fixed("30", 2)), "70.00")
        offer = best_offer(Decimal("100.00"), [fixed("10", 9), percent("10", 3)], product=7)
        self.assertEqual(offer.promotion.id, 3, "of equals the older one")
        self.assertEqual(str(offer.saved), "10.00")

    def test_a_coupon_has_to_be_named(self):
        sale = percent("10", coupon="SOFA10")
        self.assertEqual(self._price("100.00", sale), "100.00")
        self.assertEqual(self._price("100.00", sale, coupon="OTHER"), "100.00")
        self.assertEqual(self._price("100.00", sale, coupon=" sofa 10 "), "90.00")

    def test_the_minimum_is_of_the_whole_purchase_and_reached_exactly(self):
        sale = percent("10", minimum=Decimal("500"))
        self.assertEqual(self._price("499.99", sale), "499.99")
        self.assertEqual(self._price("500.00", sale), "450.00")
        self.assertEqual(self._price("100.00", sale, purchase=Decimal("500")), "90.00")
        self.assertEqual(self._price("600.00", sale, purchase=Decimal("499")), "600.00")

    def test_only_what_it_is_limited_to(self):
        by_product = percent("10", products=frozenset({7}))
        by_category = percent("20", 2, categories=frozenset({3}))
        self.assertEqual(self._price("100.00", by_product, product=8), "100.00")
        self.assertEqual(self._price("100.00", by_product), "90.00")
        self.assertEqual(self._price("100.00", by_category, categories=[1, 3]), "80.00")
        self.assertEqual(self._price("100.00", by_category, categories=[1]), "100.00")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestPromotionPrices(RulesCase):
    def setUp(self):
        super().setUp()
        self.parent = self.env["product.category"].create({"name": "Living"})
        self.sofas = self.env["product.category"].create(
            {"name": "Sofas", "parent_id": self.parent.id}
        )
        self.sofa = self._product("Sofa", list_price=2790.0, categ_id=self.sofas.id)
        self.lamp = self._product("Lamp", list_price=49.9)

    def _offers(self, *args, **kwargs):
        found = self._facade().promotion_prices([self.sofa.id, self.lamp.id], *args, **kwargs)
        return {offer["id"]: offer for offer in found}

    def test_prices_come_from_the_erp_and_the_rules_in_force(self):
        sale = self._promotion(category_ids=[(6, 0, self.parent.ids)])
        offers = self._offers()
        self.assertEqual(offers[self.sofa.id]["offer"], 2511.0)
        self.assertEqual(offers[self.sofa.id]["rule_id"], sale.id)
        self.assertEqual(offers[self.lamp.id]["offer"], 49.9)
        self.assertFalse(offers[self.lamp.id]["rule_id"])

    def test_what_ended_a_minute_ago_is_not_offered(self):
        self._promotion()
        # Until 30 November by the clock of São Paulo.
        with freeze_time("2026-12-01 02:59:59"):
            self.assertEqual(self._offers()[self.sofa.id]["offer"], 2511.0)
        with freeze_time("2026-12-01 03:00:00"):
            self.assertEqual(self._offers()[self.sofa.id]["offer"], 2790.0)

    def test_the_coupon_and_the_minimum_are_looked_at(self):
        self._promotion(coupon="HOME10", minimum_purchase=1000.0)
        self.assertEqual(self._offers()[self.sofa.id]["offer"], 2790.0)
        offers = self._offers("home10")
        self.assertEqual(offers[self.sofa.id]["offer"], 2511.0)
        self.assertEqual(offers[self.lamp.id]["offer"], 49.9)
        self.assertEqual(self._offers("home10", 1000.0)[self.lamp.id]["offer"], 44.91)

    def test_products_of_others_are_left_out(self):
        theirs = self._product("Theirs", self.other_company)
        self.assertEqual(self._facade().promotion_prices(theirs.ids), [])

    def test_the_form_shows_an_example(self):
        sale = self._promotion(product_ids=[(6, 0, self.sofa.ids)])
        self.assertIn("Sofa: $\xa02,790.00 → $\xa02,511.00", sale.example_text)
        self.assertFalse(self._rule("general").example_text)
