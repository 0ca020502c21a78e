from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import DescriptionCase, claim

WARRANTY = "An oak chair with 10 years warranty."


@tagged("post_install", "-at_install")
class TestClaims(DescriptionCase):
    def test_a_claim_without_a_source_blocks_until_its_words_are_gone(self):
        text = self._text(short_description=WARRANTY, claims=[claim()])
        self.assertEqual(text.open_claims, 1)
        with self.assertRaisesRegex(UserError, "10 years warranty"):
            text.action_approve()
        text.write({"short_description": "An oak chair with 10  YEARS warranty, really."})
        self.assertEqual(text.open_claims, 1, "case and spaces do not hide it")
        text.write({"short_description": "An oak chair."})
        self.assertEqual(text.open_claims, 0)
        text.action_approve()
        self.assertEqual(text.state, "approved")

    def test_rejecting_the_part_removes_its_claims(self):
        text = self._text(short_description=WARRANTY, claims=[claim()])
        text.decide("short_description", "rejected")
        self.assertEqual(text.claim_ids.state, "removed")
        text.action_approve()
        self.assertFalse(text.short_description)
        text = self._text(short_description=WARRANTY, claims=[claim()])
        text.decide("short_description", "rejected")
        text.decide("short_description", False)
        with self.assertRaises(UserError):
            text.action_approve()

    def test_a_manager_confirms_with_a_source(self):
        text = self._text(short_description=WARRANTY, claims=[claim()])
        with self.assertRaises(AccessError):
            text.claim_ids.confirm("I know it")
        told = text.claim_ids.with_user(self.manager)
        for nothing in ("", "  ", None):
            with self.assertRaises(UserError):
                told.confirm(nothing)
        before = text.score
        told.confirm("Vendor's letter of March")
        self.assertGreater(text.score, before)
        self.assertEqual((told.state, told.confirmed_by_id), ("confirmed", self.manager))
        with self.assertRaises(UserError):
            told.confirm("Twice")
        text.action_approve()
        self.assertEqual(text.state, "approved")

    def test_words_that_stand_nowhere_are_not_taken_out_by_an_edit(self):
        text = self._text(claims=[claim(text="lasts forever")])
        self.assertFalse(text.claim_ids.anchored)
        text.write({"short_description": "Other words."})
        self.assertEqual(text.open_claims, 1)

    def test_figures_that_a_person_types_need_a_source_too(self):
        self.product.description_sale = "210 cm wide, for 2 people"
        text = self._text()
        text.write({"short_description": "Oak, 2,10 m wide, 2 seats, lasts 25 years."})
        self.assertEqual(text.claim_ids.mapped("text"), ["25 years"])
        text.write({"short_description": "Oak, 2,10 m wide, lasts 25 years for sure."})
        self.assertEqual(len(text.claim_ids), 1, "one claim for one figure")
        with self.assertRaisesRegex(UserError, "25 years"):
            text.action_approve()
        text.claim_ids.with_user(self.manager).confirm("Vendor's test of 2025")
        text.write({"short_description": "It lasts 25 years."})
        self.assertEqual(text.open_claims, 0)
        text.action_approve()

    def test_support_without_a_source_is_none(self):
        text = self._text(short_description=WARRANTY, claims=[claim(supported=True)])
        self.assertEqual(text.open_claims, 1)
        text = self._text(
            short_description=WARRANTY, claims=[claim(supported=True, source="field:name")]
        )
        self.assertEqual((text.open_claims, text.claim_ids.state), (0, "supported"))

    def test_nobody_writes_claims_or_states_by_hand(self):
        text = self._text(short_description=WARRANTY, claims=[claim()])
        with self.assertRaises(AccessError):
            text.claim_ids.write({"supported": True})
        for vals in ({"state": "approved"}, {"score": 100}, {"decisions": {}}, {"open_claims": 0}):
            with self.assertRaises(AccessError):
                text.with_user(self.manager).write(vals)


@tagged("post_install", "-at_install")
class TestReview(DescriptionCase):
    def test_the_screen_shows_words_that_changed_and_where_claims_stand(self):
        self._text().action_approve()
        text = self._text(
            short_description="A chair of old oak, 10 years warranty.",
            claims=[claim(), claim(text="oak", kind="material", source="field:name",
                                   supported=True)],
        )  # fmt: skip
        data = text.review_data()
        part = data["parts"][0]
        self.assertEqual((part["name"], part["target"]), ("short_description", "Sales Description"))
        self.assertIn(("added", "10 years warranty", True), [tuple(row) for row in part["rows"]])
        self.assertEqual([c["state"] for c in part["claims"]], ["open", "supported"])
        self.assertEqual(part["claims"][1]["source"], "Name")
        self.assertTrue(data["editable"] and data["obstacles"])
        self.assertFalse(data["may_confirm"])

    def test_an_edit_is_a_decision_and_is_measured_again(self):
        text = self._text()
        before = text.score
        text.write({"key_features": "Oak\nHandmade\nLight\nOne kilo"})
        self.assertEqual(text.decisions, {"key_features": "accepted"})
        self.assertGreater(text.score, before)
        self.assertTrue(text.edited)
        self.assertEqual(text.proposed["key_features"], "Oak\nHandmade")

    def test_only_drafts_are_decided_and_only_known_parts(self):
        text = self._text()
        for part, decision in (("price", "accepted"), ("tags", "maybe")):
            with self.assertRaises(UserError):
                text.decide(part, decision)
        text.action_approve()
        with self.assertRaises(UserError):
            text.decide("tags", "rejected")

    def test_a_rejected_part_leaves_what_was_approved_before(self):
        self._text().action_approve()
        text = self._text(short_description="New.", key_features=["New"])
        text.decide("key_features", "rejected")
        text.action_approve()
        self.assertEqual(text.short_description, "New.")
        self.assertEqual(text.key_features, "Oak\nHandmade")
        self.assertEqual(text.proposed["key_features"], "New")
        third = self._text(key_features=["Third"])
        third.action_approve()
        text.action_restore()
        self.assertEqual(text.key_features, "Oak\nHandmade", "what was in use comes back")

    def test_two_versions_are_never_approved_at_once(self):
        self._text().action_approve()
        text = self._text()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            text.sudo().state = "approved"
            text.flush_recordset()

    def test_any_version_is_restored_in_one_click(self):
        first = self._text()
        first.action_approve()
        second = self._text(short_description="Second.")
        second.action_approve()
        self.assertEqual((first.state, second.state), ("replaced", "approved"))
        first.action_restore()
        self.assertEqual((first.state, second.state), ("approved", "replaced"))
        self.assertEqual(self.product.description_sale, "A chair of oak.")

    def test_gates_of_the_manager(self):
        text = self._text(seo_title="x" * 70)
        self.settings.minimum_score = 99
        with self.assertRaisesRegex(UserError, "99 is the least"):
            text.action_approve()
        self.settings.write({"minimum_score": 0, "search_texts_required": True})
        with self.assertRaisesRegex(UserError, "1 to 60 characters"):
            text.action_approve()
        text.write({"seo_title": "Oak Chair"})
        text.action_approve()
        self.assertEqual(text.state, "approved")

    def test_only_managers_approve_several_at_once(self):
        other = self.product.copy({"name": "Ash Chair"})
        texts = self._text()
        jobs = other.with_user(self.user).with_company(self.company)._queue_generation()
        jobs.sudo()._finish(self._result(product_id=other.id))
        texts |= self.env["product.ai.description"].search([("product_tmpl_id", "=", other.id)])
        texts = texts.with_user(self.user)
        with self.assertRaises(AccessError):
            texts.action_approve()
        texts.with_user(self.manager).action_approve()
        self.assertEqual(set(texts.mapped("state")), {"approved"})

    def test_a_run_approves_what_passes_and_tells_the_rest(self):
        weak = self._text(short_description=WARRANTY, claims=[claim()])
        other = self.product.copy({"name": "Ash Chair"})
        jobs = other.with_user(self.user).with_company(self.company)._queue_generation()
        jobs.sudo()._finish(self._result(product_id=other.id))
        good = self.env["product.ai.description"].search([("product_tmpl_id", "=", other.id)])
        texts = (weak | good).with_user(self.user)
        with self.assertRaises(AccessError):
            texts._approve_passing()
        held = texts.with_user(self.manager)._approve_passing()
        self.assertEqual((good.state, weak.state), ("approved", "draft"))
        self.assertEqual([text.id for text in held], weak.ids)
        self.assertIn("10 years warranty", held[weak.with_user(self.manager)][0])
        other.description_sale = "By hand."
        jobs = other.with_user(self.user).with_company(self.company)._queue_generation()
        jobs.sudo()._finish(self._result(product_id=other.id, short_description="Second."))
        self.env.invalidate_all()
        newer = other.with_user(self.manager).with_company(self.company).ai_description_id
        self.assertEqual(list(newer._approve_passing()), [newer])
        self.assertEqual(other.description_sale, "By hand.")

    def test_reasons_are_told_in_the_readers_language(self):
        text = self._text()
        self.assertIn("words; at least", text.score_text)
        self.env["res.lang"]._activate_lang("pt_BR")
        self.assertNotIn("words", text.with_context(lang="pt_BR").score_text)

    def test_a_stranger_does_nothing(self):
        text = self._text()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "review_stranger",
            groups="ai_system.ai_system_group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        told = text.with_user(stranger).with_company(other)
        for step in (told.review_data, told.action_approve, told.action_reject,
                     lambda: told.decide("tags", "accepted"), told.action_adopt_live):  # fmt: skip
            with self.assertRaises(AccessError):
                step()


@tagged("post_install", "-at_install")
class TestProductFilters(DescriptionCase):
    def test_badges_are_searched(self):
        products = self.env["product.template"].with_user(self.user).with_company(self.company)
        mine = [("company_id", "=", self.company.id)]

        def found(*domain):
            return products.search([*mine, *domain])

        self.assertEqual(found(("ai_description_state", "=", False)), self.mine)
        self.assertFalse(found(("ai_verified", "=", True)))
        text = self._text()
        self.assertEqual(found(("ai_description_state", "=", "draft")), self.mine)
        self.assertFalse(found(("ai_description_state", "=", False)))
        self.assertEqual(found(("ai_score", "<=", text.score)), self.mine)
        self.assertFalse(found(("ai_score", ">", text.score)))
        text.action_approve()
        self.assertEqual(found(("ai_verified", "=", True)), self.mine)
        self.assertFalse(found(("ai_verified", "=", False)))
        self.assertFalse(found(("ai_needs_update", "=", True)))
        self.product.description_sale = "By hand."
        self.assertEqual(found(("ai_needs_update", "=", True)), self.mine)

    def test_many_products_cost_as_many_queries_as_one(self):
        products = self.product.copy()
        for _double in range(3):
            products |= products.copy()
        products = products.with_user(self.user).with_company(self.company)

        def read(some):
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            some.read(["ai_description_state", "ai_score", "ai_verified", "ai_needs_update"])
            return self.env.cr.sql_log_count - before

        read(products)
        self.assertEqual(read(products[0]), read(products))
