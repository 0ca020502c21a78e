from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestFacadeRecords(AiSystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant._ensure_integration_user()
        categories = cls.env["product.category"]
        cls.room = categories.create({"name": "Room"})
        cls.sofas = categories.create({"name": "Sofas", "parent_id": cls.room.id})
        cls.secret = categories.create({"name": "Theirs only"})
        cls.sofa = cls._product("Sofa", cls.company, list_price=100.0, categ_id=cls.sofas.id)
        cls.lamp = cls._product("Lamp", cls.company, list_price=20.0, categ_id=cls.room.id)
        cls.theirs = cls._product("Theirs", cls.other_company, categ_id=cls.secret.id)
        cls.shared = cls._product("Shared", None, categ_id=cls.secret.id)
        cls.ana = cls.env["res.partner"].create({"name": "Ana", "company_id": cls.company.id})

    def setUp(self):
        super().setUp()
        self.facade = self._facade(self.tenant)

    def test_search(self):
        rows = self.facade.search_records(
            "product.template",
            [["list_price", ">", 10]],
            ["name", "categ_id", "create_date"],
            order="list_price desc",
        )
        self.assertEqual([row["name"] for row in rows], ["Sofa", "Lamp"])
        self.assertEqual(
            rows[0]["categ_id"], {"id": self.sofas.id, "name": self.sofas.display_name}
        )
        self.assertRegex(rows[0]["create_date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        below = self.facade.search_records(
            "product.template", [["categ_id", "child_of", self.sofas.id]], ["name"], limit=1
        )
        self.assertEqual(below, [{"id": self.sofa.id, "name": "Sofa"}])

    def test_read_in_the_order_asked_for(self):
        ids = [self.lamp.id, self.theirs.id, self.shared.id, self.sofa.id]
        rows = self.facade.read_records("product.template", ids, ["name"])
        self.assertEqual([row["id"] for row in rows], [self.lamp.id, self.sofa.id])
        with self.assertRaises(UserError):
            self.facade.read_records("product.template", list(range(1, 102)), ["name"])

    def test_group(self):
        groups = self.facade.group_records(
            "product.template", [], ["categ_id"], ["list_price:max", "__count"]
        )
        self.assertEqual(
            [(row["categ_id"]["id"], row["list_price:max"], row["__count"]) for row in groups],
            [(self.sofas.id, 100.0, 1), (self.room.id, 20.0, 1)],
        )
        [total] = self.facade.group_records("product.template", [], [], ["list_price:sum"])
        self.assertEqual(total, {"list_price:sum": 120.0})

    def test_categories_of_the_tenants_products_only(self):
        rows = self.facade.search_records("product.category", [], ["name"], limit=100)
        self.assertEqual({row["name"] for row in rows}, {"Room", "Sofas"})
        self.assertEqual(
            self.facade.read_records("product.category", self.secret.ids, ["name"]), []
        )

    def test_customers_without_employees(self):
        rows = self.facade.search_records("res.partner", [], ["name"], limit=100)
        self.assertEqual(rows, [{"id": self.ana.id, "name": "Ana"}])

    def test_other_models_and_fields_are_refused_by_name(self):
        for model in ("res.users", "ir.config_parameter", "ai.tenant", "stock.quant", "x", None):
            with self.subTest(model=model), self.assertRaises(UserError) as refused:
                self.facade.search_records(model, [], ["id"])
            self.assertIn("product.template", str(refused.exception))
        for field in ("standard_price", "description", "seller_ids", "message_ids", "company_id"):
            with self.subTest(field=field):
                with self.assertRaises(UserError):
                    self.facade.search_records("product.template", [], [field])
                with self.assertRaises(UserError) as refused:
                    self.facade.search_records("product.template", [[field, "=", 1]], ["name"])
                self.assertIn("list_price", str(refused.exception))
                with self.assertRaises(UserError):
                    self.facade.search_records("product.template", [], ["name"], order=field)
                with self.assertRaises(UserError):
                    self.facade.group_records("product.template", [], [field], ["__count"])
        with self.assertRaises(AccessError):
            self.env["ai.facade"].with_user(self.manager).search_records(
                "product.template", [], ["name"]
            )

    def test_wrong_questions_are_answered_with_a_sentence(self):
        for question in (
            ("search_records", "product.template", [["categ_id.name", "=", "x"]], ["name"]),
            ("search_records", "product.template", [["name", "any", []]], ["name"]),
            ("search_records", "product.template", "x", ["name"]),
            ("search_records", "product.template", [], []),
            ("search_records", "product.template", [], ["name"] * 21),
            ("search_records", "product.template", [], ["name"], "5"),
            ("search_records", "product.template", [], ["name"], 5, "name; drop"),
            ("group_records", "product.template", [], ["categ_id"], []),
            ("group_records", "product.template", [], ["create_date"], ["__count"]),
            ("group_records", "product.template", [], ["categ_id"], ["list_price:array_agg"]),
        ):
            method, *args = question
            with self.subTest(question=str(args)), self.assertRaises(UserError) as refused:
                getattr(self.facade, method)(*args)
            self.assertTrue(str(refused.exception).endswith("."))

    def test_never_more_than_the_cap(self):
        self.env["product.template"].create(
            [{"name": f"P{number}", "company_id": self.company.id} for number in range(110)]
        )
        rows = self.facade.search_records("product.template", [], ["name"], limit=5000)
        self.assertEqual(len(rows), 100)
        few = self.facade.search_records("product.template", [], ["name"], limit=-1)
        self.assertEqual(len(few), 1)
        # The database groups: no record of the hundred is read.
        templates = type(self.env["product.template"])
        with patch.object(
            templates, "_fetch_query", side_effect=AssertionError("a record was read")
        ):
            self.facade.group_records("product.template", [], ["type"], ["__count"])

    def test_readable_models(self):
        told = self.facade.readable_models()
        self.assertEqual(told["product.template"]["list_price"]["type"], "float")
        self.assertTrue(told["product.template"]["list_price"]["label"])
        self.assertNotIn("standard_price", told["product.template"])
        labels = self.facade.readable_models("pt_BR")["product.template"]
        self.assertNotEqual(labels["name"]["label"], told["product.template"]["name"]["label"])
