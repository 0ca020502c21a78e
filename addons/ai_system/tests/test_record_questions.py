from odoo.tests import BaseCase, tagged

from ..record_questions import BadQuestion, checked_domain, checked_order, parsed_groups

KINDS = {
    "id": "integer",
    "name": "char",
    "amount": "monetary",
    "day": "date",
    "state": "selection",
    "partner_id": "many2one",
    "categ_id": "many2one",
    "active": "boolean",
}


@tagged("post_install", "-at_install")
class TestRecordQuestions(BaseCase):
    def test_domains_of_told_fields_pass(self):
        for domain in (
            [],
            [["name", "ilike", "sofa"]],
            ["|", ["amount", ">", 5], "!", ["state", "in", ["sale", "done"]]],
            ["&", ["day", ">=", "2026-01-01"], ["partner_id", "=", 5], ["active", "=", True]],
            [["categ_id", "child_of", 3], ["partner_id", "!=", False]],
        ):
            with self.subTest(domain=domain):
                passed = checked_domain(domain, KINDS)
                self.assertEqual([list(t) if isinstance(t, tuple) else t for t in passed], domain)

    def test_everything_else_does_not(self):
        for domain in (
            "[]",
            {"name": 1},
            [["partner_id.comment", "=", "x"]],
            [["secret", "=", "x"]],
            [[["name"], "=", "x"]],
            [["name", "any", [["id", "=", 1]]]],
            [["name", "not any", []]],
            [["partner_id", "child_of", 1]],
            [["partner_id", "ilike", "ana"]],
            [["partner_id", "=", "ana"]],
            [["partner_id", "in", [True]]],
            [["categ_id", "child_of", "all"]],
            [["name", "in", "abc"]],
            [["name", "=", ["a"]]],
            [["name", "select 1", "x"]],
            [["name", "=", "x" * 201]],
            [["name", "=", "x\0"]],
            [["name", "in", ["x"] * 201]],
            [["amount", ">", "5"]],
            [["amount", ">", float("inf")]],
            [["active", "=", 1]],
            [["name", "="]],
            [["name", "=", {"a": 1}]],
            ["|", ["name", "=", "x"]],
            ["&"],
            ["!"],
            [1, "=", 1],
            [["name", "=", "x"]] * 31,
            ["!"] * 61,
        ):
            with self.subTest(domain=str(domain)[:60]), self.assertRaises(BadQuestion):
                checked_domain(domain, KINDS)

    def test_orders(self):
        self.assertEqual(checked_order("amount desc, name", KINDS), "amount desc, name, id")
        self.assertEqual(checked_order("id desc", KINDS), "id desc")
        self.assertEqual(checked_order(None, KINDS), "")
        for order in (
            "secret",
            "amount desc nulls last",
            "amount; drop table x",
            "partner_id.name",
            "name,",
            5,
            ["name"],
        ):
            with self.subTest(order=order), self.assertRaises(BadQuestion):
                checked_order(order, KINDS)

    def test_groups(self):
        groups = (["day:month", "state"], ["__count", "amount:sum"])
        self.assertEqual(parsed_groups(*groups, KINDS), groups)
        for groupby, aggregates in (
            (["secret"], ["__count"]),
            (["day"], ["__count"]),
            (["day:hour"], ["__count"]),
            (["state:month"], ["__count"]),
            (["name"], ["__count"]),
            (["partner_id.country_id"], ["__count"]),
            (["state"] * 4, ["__count"]),
            ("state", ["__count"]),
            ([{}], ["__count"]),
            (["state"], []),
            (["state"], ["amount"]),
            (["state"], ["amount:array_agg"]),
            (["state"], ["name:max"]),
            (["state"], ["id:sum"]),
            (["state"], ["secret:sum"]),
            (["state"], ["__count"] * 6),
            (["state"], [None]),
        ):
            with self.subTest(groupby=groupby, sums=aggregates), self.assertRaises(BadQuestion):
                parsed_groups(groupby, aggregates, KINDS)
