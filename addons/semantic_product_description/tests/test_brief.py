import base64
from unittest.mock import patch

from psycopg2.errors import DivisionByZero

from odoo import Command
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DescriptionCase


@tagged("post_install", "-at_install")
class TestBrief(DescriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls.env["product.category"].create({"name": "Furniture"})
        cls.category = cls.env["product.category"].create(
            {"name": "Chairs", "parent_id": cls.parent.id}
        )
        color = cls.env["product.attribute"].create({"name": "Color"})
        values = cls.env["product.attribute.value"].create(
            [{"name": name, "attribute_id": color.id} for name in ("Blue", "Gray")]
        )
        cls.product.write(
            {
                "categ_id": cls.category.id,
                "weight": 4.5,
                "standard_price": 17.77,
                "description": "<p>Vendor says hurry</p>",
                "attribute_line_ids": [
                    Command.create(
                        {"attribute_id": color.id, "value_ids": [Command.set(values.ids)]}
                    )
                ],
            }
        )

    def test_settings_that_another_request_makes_meanwhile_run_this_one_again(self):
        settings = self.env["ai.studio.settings"]
        made = settings._of(self.company)
        self.assertEqual(settings._of(self.company), made)
        self.env.flush_all()
        # As this transaction would see it: without them.
        companies = self.company.sudo()
        companies._fields["ai_studio_settings_ids"]._update_cache(companies, ())
        with mute_logger("odoo.sql_db"), self.assertRaises(ConcurrencyError):
            settings._of(self.company)

    def _brief(self, **more):
        return self._facade().writing_brief(self.product.id, **more)

    def _facts(self):
        return {fact["source"]: fact["value"] for fact in self._brief()["facts"]}

    def test_has_the_shape_of_the_contract(self):
        brief = self._brief()
        self.assertEqual(
            brief.keys(),
            {"product_id", "language", "facts", "missing", "voice", "glossary", "siblings",
             "image"},
        )  # fmt: skip
        self.assertEqual(
            brief["voice"].keys(),
            {"tone", "voice", "length", "audience", "banned", "required", "good", "bad"},
        )
        self.assertEqual((brief["product_id"], brief["language"]), (self.product.id, "en_US"))
        self.assertFalse(brief["image"])

    def test_tells_chosen_facts_and_never_costs_or_notes(self):
        facts = self._facts()
        self.assertEqual(facts["field:name"], "Oak Chair 🪑")
        self.assertTrue(facts["field:weight"].startswith("4.5 "))
        self.product.weight = 1234567.25
        self.assertTrue(self._facts()["field:weight"].startswith("1234567.25 "))
        self.assertEqual(facts["category"], "Furniture / Chairs")
        self.assertEqual(facts["attribute:Color"], "Blue, Gray")
        self.assertEqual(facts["variants"], "Blue; Gray")
        told = str(facts)
        self.assertNotIn("17.77", told)
        self.assertNotIn("hurry", told)
        names = dict(self.env["ai.studio.source"]._selection_field_name())
        self.assertFalse({"standard_price", "description", "seller_ids"} & names.keys())
        with self.assertRaises(ValidationError):
            self.settings.source_ids[0].field_name = "standard_price"

    def test_tags_of_a_pasted_text_are_no_facts(self):
        self.product.description_sale = "<h3>Oak</h3><ul><li>45 &times; 45 cm</li></ul>"
        self.assertEqual(self._facts()["field:description_sale"], "Oak\n• 45 × 45 cm")

    def test_the_manager_chooses_the_facts(self):
        self.settings.source_ids.filtered(lambda s: s.field_name == "weight").unlink()
        self.assertNotIn("field:weight", self._facts())

    def test_is_the_tenants_alone(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs, shared = self.env["product.template"].create(
            [
                {"name": "Theirs", "company_id": other.id},
                {"name": "Shared", "company_id": False},
            ]
        )
        for product in (theirs, shared):
            with self.assertRaises(UserError):
                self._facade().writing_brief(product.id)
        with self.assertRaises(AccessError):
            self.env["ai.facade"].with_user(self.manager).writing_brief(self.product.id)
        self.assertIn("writing_brief", self._facade().ping()["capabilities"])

    def test_voices_are_inherited_field_by_field_and_words_add_up(self):
        voices = self.env["ai.brand.voice"]
        company, category, product = voices.create(
            [
                {"company_id": self.company.id, "tone": "friendly", "audience": "families",
                 "banned": "cheap\n", "good": "One.\nTwo."},
                {"company_id": self.company.id, "categ_id": self.parent.id, "tone": "technical",
                 "banned": "luxury"},
                {"company_id": self.company.id, "product_tmpl_id": self.product.id,
                 "text_length": "long"},
            ]
        )  # fmt: skip
        told = self._brief()["voice"]
        self.assertEqual(
            (told["tone"], told["length"], told["audience"], told["voice"]),
            ("technical", "long", "families", "welcoming"),
        )
        self.assertEqual((told["banned"], told["good"]), (["luxury", "cheap"], ["One.", "Two."]))
        origins = {row["label"]: row["origin"] for row in product.inherited}
        self.assertEqual(origins["Tone"], category.display_name)
        self.assertEqual(origins["Audience"], company.display_name)
        self.assertEqual(origins["Voice"], "Default")
        opened = self.mine.action_view_ai_voice()
        preview = self.env[opened["res_model"]].with_user(self.user).browse(opened["res_id"])
        rows = preview.with_company(self.company).rows
        self.assertEqual({row["label"]: row["origin"] for row in rows}, origins)

    def test_a_voice_has_one_place(self):
        voices = self.env["ai.brand.voice"]
        place = {"company_id": self.company.id, "categ_id": self.category.id}
        with self.assertRaises(ValidationError):
            voices.create({**place, "product_tmpl_id": self.product.id})

    def test_another_companys_voice_and_words_are_not_heard(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["ai.brand.voice"].create({"company_id": other.id, "tone": "casual"})
        self.env["ai.glossary.term"].create(
            {"company_id": other.id, "source": "a", "source_language": "en_US", "target": "b",
             "target_language": "en_US"}
        )  # fmt: skip
        brief = self._brief()
        self.assertEqual((brief["voice"]["tone"], brief["glossary"]), ("professional", []))

    def test_the_glossary_is_that_of_the_texts_language(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.env["ai.glossary.term"].create(
            {"company_id": self.company.id, "source": "tufted", "source_language": "en_US",
             "target": "capitonê", "target_language": "pt_BR"}
        )  # fmt: skip
        self.assertEqual(self._brief()["glossary"], [])
        self.assertEqual(
            self._brief(lang="pt_BR")["glossary"], [{"source": "tufted", "target": "capitonê"}]
        )
        self.assertEqual(self._brief(lang="xx_XX")["language"], "en_US")

    def test_what_is_missing_is_asked_and_an_answer_is_a_fact(self):
        facts = self.env["ai.required.fact"].create(
            [
                {"company_id": self.company.id, "name": "Material", "question": "What is it of?",
                 "category_ids": [Command.set(self.parent.ids)]},
                {"company_id": self.company.id, "name": "Weight", "question": "How heavy?",
                 "field_name": "weight"},
                {"company_id": self.company.id, "name": "Colour", "question": "Which?",
                 "attribute_id": self.product.attribute_line_ids.attribute_id.id},
                {"company_id": self.company.id, "name": "Power", "question": "How strong?",
                 "category_ids": [Command.set(self.env["product.category"].create(
                     {"name": "Lamps"}).ids)]},
            ]
        )  # fmt: skip
        self.assertEqual(self._brief()["missing"], ["material"])
        text = self._text(missing=["material", "origin"])
        self.assertEqual(text.review_data()["missing"], ["What is it of?", "origin"])
        self.assertIn("What is it of?", self.mine.ai_missing_text)
        opened = self.mine.action_answer_missing()
        wizard = self.env[opened["res_model"]].with_user(self.user).browse(opened["res_id"])
        wizard = wizard.with_company(self.company)
        self.assertEqual(wizard.line_ids.fact_id, facts[0])
        wizard.line_ids.value = "Solid oak"
        wizard.action_save_and_generate()
        self.assertEqual(self._facts()["answer:material"], "Solid oak")
        self.assertEqual(self._brief()["missing"], [])
        self.assertEqual(self.mine.ai_job_state, "pending")
        opened = self.mine.action_answer_missing()
        wizard = self.env[opened["res_model"]].with_user(self.user).browse(opened["res_id"])
        wizard.line_ids.value = False
        wizard.with_company(self.company).action_save()
        self.assertEqual(self._brief()["missing"], ["material"])

    def test_documents_are_told_once_they_were_read(self):
        documents = self.env["product.ai.document"].with_user(self.user).with_company(self.company)
        sheet = documents.create(
            {
                "product_tmpl_id": self.product.id,
                "filename": "sheet.txt",
                "file": base64.b64encode(b"Seat height 45 cm."),
            }
        )
        self.assertEqual((sheet.name, sheet.reading), ("sheet.txt", "unread"))
        self.assertNotIn(f"document:{sheet.id}", self._facts())
        self.env.invalidate_all()
        self.mine.action_sync_ai_documents()
        self.assertEqual(self._facts()[f"document:{sheet.id}"], "Seat height 45 cm.")
        with self.assertRaises(UserError):
            sheet.write({"text": "Typed."})
        with self.assertRaises(UserError):
            documents.create({"product_tmpl_id": self.product.id, "filename": "a.exe",
                              "file": base64.b64encode(b"x")})  # fmt: skip
        sheet.write({"file": base64.b64encode(b"\x00\x01"), "filename": "sheet.pdf"})
        self.assertEqual(sheet.reading, "unread")
        sheet.action_synchronize()
        self.assertEqual((sheet.reading, sheet.text), ("failed", False))
        self.assertIn("damaged", sheet.reading_error)
        sheet.unlink()
        self.assertNotIn("document", str(self._facts().keys()))

    def test_siblings_are_approved_texts_of_the_category(self):
        other = self.product.copy({"name": "Ash Chair"})
        jobs = other.with_user(self.user).with_company(self.company)._queue_generation()
        jobs.sudo()._finish(self._result(product_id=other.id, short_description="Of ash."))
        self.assertEqual(self._brief()["siblings"], [])
        other.with_user(self.user).with_company(self.company).action_approve_ai_description()
        self.assertEqual(self._brief()["siblings"], ["Of ash.\nA chair"])

    def test_the_image_is_named_where_there_is_one(self):
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5"
            "ErkJggg=="
        )
        self.product.image_1920 = pixel
        image = self._brief()["image"]
        self.assertEqual(image["mimetype"], "image/png")
        self.assertIn(f"/product.template/{self.product.id}/", image["url"])
        self.settings.tell_image = False
        self.assertFalse(self._brief()["image"])

    def _catalog(self, count):
        """Return that many more products, each with all that a brief may tell."""
        lines = self.product.attribute_line_ids
        values = [Command.set(lines.value_ids.ids)]
        products = self.product.create(
            [
                {"name": f"Chair {number}", "company_id": self.company.id, "weight": number + 1,
                 "categ_id": self.category.create(
                     {"name": f"Chairs {number}", "parent_id": self.parent.id}).id,
                 "attribute_line_ids": [Command.create(
                     {"attribute_id": lines.attribute_id.id, "value_ids": values})]}
                for number in range(count)
            ]
        )  # fmt: skip
        self.env["ai.required.fact"].create(
            [
                {"company_id": self.company.id, "name": "Material", "question": "Of what?",
                 "category_ids": [Command.set(self.parent.ids)]},
                {"company_id": self.company.id, "name": "Weight", "question": "How heavy?",
                 "field_name": "weight"},
            ]
        )  # fmt: skip
        return products

    def test_many_briefs_cost_as_many_queries_as_one(self):
        products, facade = self._catalog(20), self._facade()
        facade.writing_briefs(products[:1].ids)  # what is cached for all transactions
        counts = []
        for ids in (products[:2].ids, products.ids):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            answers = facade.writing_briefs(ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[1], 50)
        for product, answer in zip(products, answers, strict=True):
            brief = answer["value"]
            self.assertEqual(brief, facade.writing_brief(product.id))
            facts = {fact["source"]: fact["value"] for fact in brief["facts"]}
            self.assertEqual(facts["field:name"], product.name)
            self.assertEqual(facts["variants"], "Blue; Gray")
            self.assertEqual(brief["missing"], ["material"])
        with self.assertRaises(UserError):
            facade.writing_briefs([*products.ids, self.product.id])

    def test_one_product_costs_no_other_its_brief(self):
        products, facade = self._catalog(4), self._facade()
        other = self.env["res.company"].create({"name": "Other"})
        first, broken, theirs, gone = products
        theirs.company_id = other
        gone_id = gone.id
        gone.unlink()
        tell = type(products)._ai_fact_value

        def fails(product, name):
            if product.id == broken.id:
                self.env.cr.execute("SELECT 1 / 0")
            return tell(product, name)

        ids = [theirs.id, broken.id, gone_id, first.id]
        with patch.object(type(products), "_ai_fact_value", fails):
            with mute_logger("odoo.sql_db"), self.assertLogs(level="WARNING") as logs:
                answers = facade.writing_briefs(ids)
            with mute_logger("odoo.sql_db"), self.assertRaises(DivisionByZero):
                facade.writing_brief(broken.id)
        self.assertEqual([answer["ok"] for answer in answers], [False, False, False, True])
        self.assertEqual(
            [answer.get("kind") for answer in answers], ["refused", "failed", "refused", None]
        )
        self.assertEqual(answers[3]["value"]["product_id"], first.id)
        self.assertTrue(any("writing_brief failed" in line for line in logs.output))
        self.assertEqual([a["ok"] for a in facade.writing_briefs(ids)], [False, True, False, True])
        self.assertEqual(facade.writing_briefs([]), [])
