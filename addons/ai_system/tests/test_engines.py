from odoo.tests import BaseCase, tagged

from .. import backoff
from ..sidecar_client import UrlRefused, check_url, split_token
from ..signing import TO_ODOO, TO_SIDECAR, SignatureInvalid, sign, verify

KEYS = {"k1": "sécret"}
BODY = '{"a":"ç"}'.encode()


@tagged("post_install", "-at_install")
class TestSigning(BaseCase):
    def setUp(self):
        super().setUp()
        self.headers = sign("sécret", "k1", "account_1", "POST", "/api?x=1", BODY, timestamp=1000)

    def _verify(self, headers, **changes):
        values = {
            "keys": KEYS,
            "method": "POST",
            "path": "/api?x=1",
            "body": BODY,
            "direction": TO_SIDECAR,
            "now": 1000,
            **changes,
        }
        return verify(headers, **values)

    def test_known_vector(self):
        """The lines of docs/contracts.md, signed by hand with openssl."""
        headers = sign("key", "k1", "account_1", "GET", "/p", b"", timestamp=1, nonce="n" * 16)
        self.assertEqual(
            headers["X-AI-Signature"],
            "v1=1d4ac3d7f70d416d896478fce1740b2dc125a2ec7ad85a363e18675e4ca64022",
        )

    def test_round_trip(self):
        account, nonce = self._verify(self.headers)
        self.assertEqual((account, nonce), ("account_1", self.headers["X-AI-Nonce"]))

    def test_every_change_is_refused(self):
        changes = (
            {"body": BODY + b" "},
            {"path": "/api?x=2"},
            {"method": "GET"},
            {"direction": TO_ODOO},
            {"keys": {"k1": "other"}},
            {"keys": {}},
            {"now": 1301},
            {"now": 699},
        )
        for change in changes:
            with self.subTest(change=change), self.assertRaises(SignatureInvalid):
                self._verify(self.headers, **change)

    def test_malformed_headers_are_refused_not_broken(self):
        for name in self.headers:
            for value in ("", "é", "v1=zz", "9" * 40, "\x00"):
                with self.subTest(name=name, value=value), self.assertRaises(SignatureInvalid):
                    self._verify({**self.headers, name: value})
        with self.assertRaises(SignatureInvalid):
            self._verify({})

    def test_two_signatures_differ(self):
        again = sign("sécret", "k1", "account_1", "POST", "/api?x=1", BODY, timestamp=1000)
        self.assertNotEqual(again["X-AI-Nonce"], self.headers["X-AI-Nonce"])


@tagged("post_install", "-at_install")
class TestBackoff(BaseCase):
    def test_offers_double_from_5_seconds_to_5_minutes(self):
        delays = [backoff.send_delay(n) for n in range(1, 9)]
        self.assertEqual(delays, [5, 10, 20, 40, 80, 160, 300, 300])
        self.assertEqual(backoff.send_delay(10_000), 300)

    def test_runs_double_from_5_minutes_and_end(self):
        self.assertEqual(backoff.run_delay(1, "internal_error"), 300)
        self.assertEqual(backoff.run_delay(2, "internal_error"), 600)
        self.assertIsNone(backoff.run_delay(3, "internal_error"))

    def test_what_only_a_person_can_mend_is_not_repeated(self):
        self.assertIsNone(backoff.run_delay(1, "upstream_refused"))


@tagged("post_install", "-at_install")
class TestUrls(BaseCase):
    def test_https_and_loopback_are_accepted(self):
        for url in ("https://ai.example.com/x/", "http://127.0.0.1:8000", "http://[::1]:8000"):
            with self.subTest(url=url):
                self.assertEqual(check_url(url), url.rstrip("/"))

    def test_what_would_leak_secrets_is_refused(self):
        for url in (
            "",
            "http://ai.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "https://user:pass@ai.example.com",
            "https://ai.example.com?x=1",
            "https://ai.example.com:99999",
            "https://",
        ):
            with self.subTest(url=url), self.assertRaises(UrlRefused):
                check_url(url)

    def test_token_is_split(self):
        self.assertEqual(split_token(" http://localhost:1#a#b "), ("http://localhost:1", "a#b"))
        for token in ("", "http://localhost:1", "#secret"):
            with self.subTest(token=token), self.assertRaises(UrlRefused):
                split_token(token)
