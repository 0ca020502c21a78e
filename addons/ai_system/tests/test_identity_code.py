from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.ai_facade_identity import HEADER
from .common import AiSystemCase

CODE = "481516"


@tagged("post_install", "-at_install")
class TestIdentityCode(AiSystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rita = cls.env["res.partner"].create(
            {"name": "Rita", "email": "Rita@Example.com", "company_id": cls.company.id}
        )
        cls.env["res.partner"].create(
            [
                {"name": "Twin A", "email": "twin@example.com", "company_id": cls.company.id},
                {"name": "Twin B", "email": "twin@example.com", "company_id": cls.company.id},
                {"name": "Eva", "email": "eva@example.com", "company_id": cls.other_company.id},
            ]
        )

    def _ask(self, email="rita@example.com", code=CODE, **more):
        self.assertIs(self._facade(self.tenant).mail_identity_code(email, code, **more), True)
        return self._mails()

    def _mails(self):
        return self.env["mail.mail"].search([("headers", "like", HEADER)])

    def test_the_one_customer_with_the_address_receives_the_code(self):
        [mail] = self._ask(" RITA@example.com ")
        self.assertEqual(mail.email_to, "rita@example.com")
        self.assertIn(CODE, mail.body_html)
        self.assertIn(self.company.name, mail.subject)
        self.assertNotIn(CODE, mail.subject, "subjects are shown on locked screens and in logs")

    def test_it_is_in_the_language_asked_for(self):
        self.env["ir.module.module"]._load_module_terms(["ai_system"], ["pt_BR"])
        mail = self._ask(lang="pt_BR")
        self.assertIn("Seu código", mail.subject)
        self.assertIn("10 minutos", mail.body_html)

    def test_nothing_of_it_stays(self):
        mail = self._ask()
        message = mail.mail_message_id
        self.assertFalse(message.model or message.res_id or message.partner_ids)
        self.assertTrue(mail.auto_delete)
        mail._postprocess_sent_message([], [], failure_type=None)
        self.assertFalse(mail.exists())
        self.assertFalse(message.exists())
        self.assertFalse(self.rita.message_ids.filtered(lambda one: CODE in (one.body or "")))

    def test_a_mail_that_cannot_be_sent_goes_too(self):
        mail = self._ask()
        self.env["mail.mail"]._gc_identity_codes()
        self.assertTrue(mail.exists())
        self.env.cr.execute(
            "UPDATE mail_mail SET create_date = create_date - interval '2 hours' WHERE id = %s",
            [mail.id],
        )
        mail.invalidate_recordset()
        self.env["mail.mail"]._gc_identity_codes()
        self.assertFalse(mail.exists())

    def test_the_answer_never_tells_whether_the_address_is_known(self):
        for email in ("nobody@example.com", "twin@example.com", "eva@example.com", "", "x", None):
            with self.subTest(email=email):
                self.assertFalse(self._ask(email))

    def test_an_unknown_address_costs_the_same_work(self):
        self._ask("warm@example.com")
        counts = []
        for email in ("rita@example.com", "nobody@example.com"):
            before = self.cr.sql_log_count
            self._ask(email)
            counts.append(self.cr.sql_log_count - before)
        known, unknown = counts
        self.assertLess(abs(known - unknown), 8)

    def test_three_codes_an_hour(self):
        with freeze_time("2026-11-25 12:00:00"):
            for count in (1, 2, 3, 3, 3):
                self.assertEqual(len(self._ask()), count)
        with freeze_time("2026-11-25 13:00:01"):
            self.assertEqual(len(self._ask()), 4)

    def test_switched_off_nothing_is_sent(self):
        self.tenant.identity_codes = False
        self.assertFalse(self._ask())

    def test_odd_codes_are_refused(self):
        for code in ("12", "<b>1234</b>", 123456, None, "1" * 13):
            with self.subTest(code=code), self.assertRaises(UserError):
                self._facade(self.tenant).mail_identity_code("rita@example.com", code)
