from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools.translate import html_translate

from .common import DescriptionCase


@tagged("post_install", "-at_install")
class TestLive(DescriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pt_BR")

    def _portuguese(self, short):
        jobs = self.mine._queue_generation(languages=["pt_BR"])
        jobs.sudo()._finish(self._result(language="pt_BR", short_description=short))
        return self.env["product.ai.description"].search(
            [("product_tmpl_id", "=", self.product.id), ("language", "=", "pt_BR")], limit=1
        )

    def _live(self, lang):
        self.env.invalidate_all()
        return self.product.with_context(lang=lang).description_sale

    def test_an_approval_writes_the_live_field_though_the_person_may_not(self):
        self.assertFalse(self.mine.has_access("write"))
        text = self._text()
        text.action_approve()
        self.assertEqual(self._live("en_US"), "A chair of oak.")
        self.assertEqual(text.written, {"description_sale": "A chair of oak."})
        self.assertFalse(text.live_edited)
        self.assertFalse(self.product.description)

    def test_each_language_has_its_own_text(self):
        self._text().action_approve()
        self._portuguese("Uma cadeira de carvalho.").action_approve()
        self.assertEqual(self._live("pt_BR"), "Uma cadeira de carvalho.")
        self.assertEqual(self._live("en_US"), "A chair of oak.")

    def test_a_source_text_that_only_mirrored_does_not_go_stale(self):
        self.product.with_context(lang="pt_BR").description_sale = "Velho."
        self.assertEqual(self._live("en_US"), "Velho.")
        self._portuguese("Novo.").action_approve()
        self.assertEqual((self._live("pt_BR"), self._live("en_US")), ("Novo.", "Novo."))

    def test_pages_of_two_languages_do_not_share_their_structure(self):
        # As the fields of the shop's pages are translated: term by term.
        field = self.env["product.template"]._fields["description_sale"]
        self.patch(field, "translate", html_translate)
        first = self._portuguese("Um. Dois.")
        first.action_approve()
        english = self._text()
        english.action_approve()
        self.assertEqual(
            (self._live("pt_BR"), self._live("en_US")), ("Um. Dois.", "A chair of oak.")
        )
        second = self._portuguese("Outro texto.")
        second.action_approve()
        self.assertEqual(
            (self._live("pt_BR"), self._live("en_US")), ("Outro texto.", "A chair of oak.")
        )
        self.assertFalse(english.live_edited or second.live_edited)

    def test_a_hand_edit_needs_an_update_and_is_not_replaced_silently(self):
        self._text().action_approve()
        self.product.description_sale = "Oak, by hand."
        self.env.invalidate_all()
        self.assertTrue(self.mine.ai_needs_update)
        text = self._text(short_description="Second.")
        asked = text.action_approve()
        self.assertEqual(asked["res_model"], "ai.overwrite.live")
        self.assertEqual((text.state, self._live("en_US")), ("draft", "Oak, by hand."))
        dialog = self.env[asked["res_model"]].with_user(self.user).browse(asked["res_id"])
        self.assertIn("Oak, by hand.", dialog.lost)
        dialog.action_overwrite()
        self.assertEqual((text.state, self._live("en_US")), ("approved", "Second."))
        kept = self.mine.ai_description_ids.filtered(lambda t: t.writer == "person")
        self.assertEqual((kept.short_description, kept.state), ("Oak, by hand.", "replaced"))
        kept.action_restore()
        self.assertEqual(self._live("en_US"), "Oak, by hand.")

    def test_a_hand_edit_that_is_undone_needs_nothing(self):
        text = self._text()
        text.action_approve()
        self.product.description_sale = "By hand."
        self.assertTrue(text.live_edited)
        self.product.description_sale = "A chair of oak. "
        self.assertFalse(text.live_edited)

    def test_a_translation_edited_in_its_dialog_counts_too(self):
        self._text().action_approve()
        text = self._portuguese("Uma cadeira.")
        text.action_approve()
        self.product.update_field_translations("description_sale", {"pt_BR": "À mão."})
        self.assertTrue(text.live_edited)

    def test_a_hand_edit_is_taken_over(self):
        self._text().action_approve()
        self.product.description_sale = "Oak, by hand."
        self.env.invalidate_all()
        self.mine.action_adopt_ai_live()
        self.env.invalidate_all()
        text = self.mine.ai_description_id
        self.assertEqual((text.writer, text.state), ("person", "approved"))
        self.assertEqual(text.short_description, "Oak, by hand.")
        self.assertEqual(text.key_features, "Oak\nHandmade")
        self.assertEqual(text.digital_source, "default")
        self.assertFalse(self.mine.ai_needs_update)
        self.assertEqual(self._live("en_US"), "Oak, by hand.")

    def test_what_a_model_wrote_stays_declared_when_a_hand_edit_is_taken_over(self):
        self._text(writer="llm", model="gpt-4o-mini", prompt_version="2").action_approve()
        self.product.description_sale = "Oak, by hand."
        self.env.invalidate_all()
        self.mine.action_adopt_ai_live()
        self.env.invalidate_all()
        text = self.mine.ai_description_id
        self.assertEqual((text.writer, text.state, text.edited), ("person", "approved", True))
        self.assertEqual(text.key_features, "Oak\nHandmade")
        self.assertEqual(text.digital_source, "trained_algorithmic_media")
        self.assertEqual((text.model, text.prompt_version), ("gpt-4o-mini", "2"))
        self.assertEqual(text.input_tokens, 0, "what it cost is counted once")

    def test_what_stood_there_before_the_first_approval_is_kept(self):
        self.product.description_sale = "Written in 2019."
        self._text().action_approve()
        kept = self.mine.ai_description_ids.filtered(lambda text: text.writer == "person")
        self.assertEqual((kept.short_description, kept.state), ("Written in 2019.", "replaced"))
        self.assertEqual(self.mine.ai_description_id.state, "approved")

    def test_a_written_text_is_no_evidence_for_the_next_one(self):
        def told():
            facts = self._facade().writing_brief(self.product.id)["facts"]
            return {fact["source"]: fact["value"] for fact in facts}.get("field:description_sale")

        self.product.description_sale = "Written in 2019."
        self.assertEqual(told(), "Written in 2019.")
        self._text(short_description="Ten years warranty.").action_approve()
        self.assertEqual(told(), "Written in 2019.")
        self.product.description_sale = "By hand."
        self.assertEqual(told(), "By hand.")

    def test_live_fields_are_settings(self):
        self.settings.target_ids.unlink()
        self._text().action_approve()
        self.assertFalse(self._live("en_US"))
        names = dict(self.env["ai.studio.target"]._selection_field_name())
        self.assertIn("description_sale", names)
        self.assertFalse({"name", "description", "description_purchase"} & names.keys())
        with self.assertRaises(ValidationError):
            self.settings.target_ids.create(
                {"settings_id": self.settings.id, "part": "seo_title", "field_name": "name"}
            )

    def test_the_index_hears_of_the_approval_once_and_of_the_live_text(self):
        self._text().action_approve()
        [fact] = self._facade().product_facts(self.product.ids)
        self.assertEqual(fact["ai_text"], "A chair of oak.\nA chair\nOak\nHandmade\nchair")
        self.assertEqual(fact["sale_text"], "A chair of oak.")
