from freezegun import freeze_time

from odoo.tests import tagged

from .. import demo
from ..hooks import post_init_hook
from .common import RulesCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 14:00:00")
class TestDemo(RulesCase):
    def _load(self, shop):
        data = {**demo.read_demo(shop), "shop": "rules_demo"}
        self._name_records(data, "category", "product.category", "categories")
        self._name_records(data, "product", "product.template", "products")
        demo.load_demo(self.env, self.company, data)
        self.profile.invalidate_recordset()

    def _name_records(self, data, kind, model, key):
        """Make what the rules are limited to, under the names of the addon with the shops."""
        names = {name for rule in data["rule"] for name in rule.get(key, ())}
        for name in names:
            xml_id = f"{demo.SHOPS_MODULE}.rules_demo_{kind}_{name}"
            if self.env.ref(xml_id, raise_if_not_found=False):
                continue
            values = {"name": name}
            if model == "product.template":
                values["company_id"] = self.company.id
            record = self.env[model].create(values)
            self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": record}])

    def test_each_shop_has_something_to_say(self):
        for shop in demo.SHOPS:
            with self.subTest(shop=shop):
                profile = self.profile
                for name in ("rule_ids", "scheduling_ids", "document_ids", "hour_ids"):
                    profile.with_context(active_test=False)[name].unlink()
                self._load(shop)
                self.assertGreaterEqual(len(profile.rule_ids), 12)
                self.assertEqual(len(profile.scheduling_ids), 2)
                self.assertEqual(profile.document_ids.mapped("reading"), ["read"])
                self.assertEqual(len(profile.hour_ids), 7)
                states = set(profile.rule_ids.mapped("state"))
                self.assertEqual(states, {"active", "upcoming", "expired"})
                self.assertTrue(all(r.sentence or r.text for r in profile.rule_ids))
                self.assertFalse(any(profile.rule_ids.mapped("has_conflict")))
                self.assertTrue(profile.is_open)

    def test_a_rule_for_things_that_are_not_there_does_not_become_one_for_all(self):
        demo.load_demo(self.env, self.company, {**demo.read_demo("luma"), "shop": "nowhere"})
        names = self.profile.rule_ids.mapped("name")
        self.assertNotIn("Glow Week", names)
        self.assertNotIn("Pregnancy and nursing", names)
        self.assertIn("Returns", names)

    def test_loading_again_adds_only_what_is_missing(self):
        self._load("luma")
        rules = self.profile.rule_ids
        rules[:1].text = "Mine."
        rules[1:2].unlink()
        self._load("luma")
        self.assertEqual(len(self.profile.rule_ids), len(rules))
        self.assertEqual(rules[:1].text, "Mine.")
        self.assertEqual(len(self.profile.document_ids), 1)

    def test_the_hook_gives_the_shops_their_rules(self):
        xml_id = f"{demo.SHOPS_MODULE}.casa_ipe_company"
        shop = self.env.ref(xml_id, raise_if_not_found=False)
        if not shop:
            shop = self.company
            self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": shop}])
        profile = self.env["ai.company.profile"]._ensure(shop)
        profile.rule_ids.unlink()
        post_init_hook(self.env)
        self.assertGreaterEqual(len(profile.rule_ids), 12)
        self.assertEqual(len(profile.scheduling_ids), 2)
