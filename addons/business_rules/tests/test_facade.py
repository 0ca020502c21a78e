from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RulesCase

FACT = {
    "kind", "id", "group", "subkind", "title", "sentence", "text", "priority", "valid_from",
    "valid_to", "structure", "products", "categories", "chunks", "write_date",
}  # fmt: skip
METHODS = (
    ("company_profile", ()),
    ("rule_ids", ()),
    ("rule_facts", ([],)),
    ("rules_in_force", ()),
    ("open_state", ()),
    ("free_slots", (1, "2026-11-25", "2026-11-26", 5)),
    ("promotion_prices", ([],)),
)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestFacade(RulesCase):
    def test_only_the_integration_user_is_answered(self):
        self.tenant._ensure_integration_user()
        people = (self.manager, self.user, self.env.ref("base.user_admin"))
        for name, arguments in METHODS:
            for user in people:
                with self.subTest(method=name, user=user.login), self.assertRaises(AccessError):
                    getattr(self.env["ai.facade"].with_user(user), name)(*arguments)
            with self.assertRaises(AccessError):
                getattr(self.env["ai.facade"].sudo(), name)(*arguments)

    def test_the_methods_are_named_as_capabilities(self):
        named = self._facade().ping()["capabilities"]
        self.assertLessEqual({name for name, _arguments in METHODS}, set(named))

    def test_facts_have_the_shape_of_the_contract(self):
        sofa = self._product("Sofa")
        category = self.env["product.category"].create({"name": "Living"})
        rule = self._promotion(
            name="Sofa week",
            coupon="SOFA10",
            minimum_purchase=500.0,
            product_ids=[Command.set(sofa.ids)],
            category_ids=[Command.set(category.ids)],
        )
        [fact] = self._facade().rule_facts([["rule", rule.id]])
        self.assertEqual(set(fact), FACT)
        self.assertEqual(
            (fact["kind"], fact["group"], fact["subkind"]), ("rule", "temporary", "promotion")
        )
        self.assertEqual(fact["valid_from"], "2026-11-20T03:00:00Z")
        self.assertEqual(fact["valid_to"], "2026-12-01T03:00:00Z")
        self.assertEqual((fact["products"], fact["categories"]), (sofa.ids, ["Living"]))
        self.assertEqual(
            fact["structure"],
            {
                "promotion": {
                    "kind": "percent",
                    "percent": 10.0,
                    "amount": 0.0,
                    "coupon": "SOFA10",
                    "minimum": 500.0,
                },
                "currency": "USD",
            },
        )

    def test_facts_come_in_the_order_asked_for_and_once(self):
        one, other = self._rule(name="One"), self._rule(name="Other")
        refs = [["rule", other.id], ["rule", one.id], ["rule", other.id], ["ghost", 1]]
        told = [fact["id"] for fact in self._facade().rule_facts(refs)]
        self.assertEqual(told, [other.id, one.id])

    def test_the_sentence_is_in_the_language_asked_for(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        rule = self._rule("return", return_days=7)
        facade = self._facade()
        [fact] = facade.rule_facts([["rule", rule.id]], "pt_BR")
        self.assertIn("7 dias", fact["sentence"])
        [fact] = facade.rule_facts([["rule", rule.id]], "xx_XX")
        self.assertIn("7 days", fact["sentence"])

    def test_two_tenants_never_mix(self):
        mine, theirs = self._rule(), self._rule(profile_id=self.other_profile.id)
        facade, other = self._facade(), self._facade(self.other_tenant)
        self.assertEqual(facade.rule_ids()["rule"], mine.ids)
        self.assertEqual(other.rule_ids()["rule"], theirs.ids)
        self.assertEqual(facade.rule_facts([["rule", theirs.id]]), [])
        self.assertEqual([fact["id"] for fact in other.rules_in_force()], theirs.ids)
        self.assertEqual(other.company_profile()["name"], "Two")
        widened = facade.with_context(allowed_company_ids=[self.other_company.id])
        self.assertEqual(widened.rule_ids()["rule"], mine.ids)

    def test_a_hidden_product_does_not_make_a_rule_general(self):
        self.tenant.include_shared_records = True
        shared = self.env["product.template"].create({"name": "Shared", "company_id": False})
        rule = self._promotion(product_ids=[Command.set(shared.ids)])
        self.tenant.include_shared_records = False
        sofa = self._product("Sofa")
        [fact] = self._facade().rule_facts([["rule", rule.id]])
        self.assertIn("10% off Shared", fact["sentence"])
        [offer] = self._facade().promotion_prices(sofa.ids)
        self.assertFalse(offer["rule_id"])

    def test_a_rule_never_loses_what_it_is_limited_to(self):
        category = self.env["product.category"].create({"name": "Living"})
        sofa, lamp = self._product("Sofa"), self._product("Lamp")
        rule = self._promotion(product_ids=[Command.set(sofa.ids)])
        self._rule("return", return_days=7, category_ids=[Command.set(category.ids)])
        for thing in (sofa, category):
            with self.assertRaisesRegex(UserError, "limited to"), self.env.cr.savepoint():
                thing.unlink()
        sofa.active = False
        self.env.invalidate_all()
        [fact] = self._facade().rule_facts([["rule", rule.id]])
        self.assertIn("10% off Sofa,", fact["sentence"])
        self.assertEqual(fact["products"], sofa.ids)
        [offer] = self._facade().promotion_prices(lamp.ids)
        self.assertFalse(offer["rule_id"])

    def test_a_new_name_of_a_product_is_told(self):
        sofa = self._product("Sofa")
        rule = self._promotion(product_ids=[Command.set(sofa.ids)])
        self._settle()
        stranger = self._person("rules_products", "product.group_product_manager")
        sofa.with_user(stranger).name = "Divan"
        self.assertEqual(rule.sync_state, "to_sync")
        self.assertIn("10% off Divan", rule.sentence)

    def test_in_force_is_asked_of_the_clock(self):
        rule = self._promotion()
        facade = self._facade()
        for now, told in (
            ("2026-11-20 02:59:59", []),
            ("2026-11-20 03:00:00", rule.ids),
            ("2026-12-01 02:59:59", rule.ids),
            ("2026-12-01 03:00:00", []),
        ):
            with freeze_time(now):
                self.env.invalidate_all()
                self.assertEqual([fact["id"] for fact in facade.rules_in_force()], told, now)

    def test_what_is_to_come_is_told_with_its_dates(self):
        rule = self._promotion("2026-12-10", "2026-12-20")
        self.assertEqual(self._facade().rule_ids()["rule"], rule.ids)

    def test_the_address_is_told_only_when_it_may_be(self):
        self.profile.write(
            {"address": "Rua A, 1", "ask_rating": False, "rating_request": "1 to 5?"}
        )
        told = self._facade().company_profile()
        self.assertEqual((told["address"], told["texts"]["rating_request"]), ("", ""))
        self.assertNotIn("Rua A", str(self._facade().rule_facts([["profile", self.profile.id]])))
        caller = self.tenant.integration_user_id
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.profile.with_user(caller).read(["address"])
        self.profile.write({"tell_address": True, "ask_rating": True})
        told = self._facade().company_profile()
        self.assertEqual(told["address"], "Rua A, 1")
        self.assertEqual(told["texts"]["rating_request"], "1 to 5?")

    def test_a_profile_that_is_not_there_or_not_available_is_empty(self):
        self.profile.available = False
        self.assertEqual(self._facade().company_profile(), {})
        self.other_profile.unlink()
        facade = self._facade(self.other_tenant)
        self.assertEqual(facade.company_profile(), {})
        self.assertEqual(facade.open_state()["reason"], "unknown")
        self.assertEqual(facade.rule_ids(), {"rule": [], "scheduling": [], "document": []})

    def test_requests_have_limits_and_shapes(self):
        facade = self._facade()
        with self.assertRaises(UserError):
            facade.rule_facts([["rule", 1]] * 1001)
        with self.assertRaises(UserError):
            facade.promotion_prices([1] * 1001)
        with self.assertRaises(UserError):
            facade.open_state("tomorrow")
        with self.assertRaises(UserError):
            facade.open_state("9999-12-31T00:00:00Z")
        with self.assertRaises(UserError):
            facade.free_slots(1, "soon", "later", 5)

    def _queries(self, method, *arguments):
        self.env.flush_all()
        self.env.invalidate_all()
        facade = self._facade()
        getattr(facade, method)(*arguments)  # caches of languages, rights and formats
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        getattr(facade, method)(*arguments)
        return self.env.cr.sql_log_count - before

    def test_the_number_of_queries_does_not_depend_on_the_number_of_rules(self):
        category = self.env["product.category"].create({"name": "Living"})
        sofa = self._product("Sofa", categ_id=category.id)
        methods = self.env["ai.payment.method"].search([], limit=3)

        def more(count, first):
            for number in range(first, first + count):
                self._promotion(
                    name=f"Sale {number}",
                    discount_percent=10 + number,
                    product_ids=[Command.set(sofa.ids)],
                    category_ids=[Command.set(category.ids)],
                )
                self._rule(
                    "payment",
                    name=f"Payment {number}",
                    installments_max=2 + number,
                    payment_method_ids=[Command.set(methods.ids)],
                )

        def counts():
            ids = self._facade().rule_ids()["rule"]
            refs = [["rule", number] for number in ids]
            return (
                len(ids),
                self._queries("rule_ids"),
                self._queries("rule_facts", refs),
                self._queries("rules_in_force"),
                self._queries("promotion_prices", sofa.ids),
            )

        more(2, 0)
        few = counts()
        more(20, 2)
        many = counts()
        self.assertEqual((few[0], many[0]), (4, 44))
        self.assertEqual(many[1:], few[1:])
        self.assertLess(max(many[1:]), 30)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_the_integration_user_writes_nothing(self):
        rule = self._rule()
        self.tenant._ensure_integration_user()
        caller = self.tenant.integration_user_id
        for model in ("ai.business.rule", "ai.company.profile", "ai.support.document"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(caller).check_access("create")
        with self.assertRaises(AccessError):
            rule.with_user(caller).text = "Changed."
        with self.assertRaises(AccessError):
            self.env["calendar.event"].with_user(caller).search([], limit=1)
