import socket
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..outbound import AddressRefused, check_address, is_public, open_session, split_allowed


@tagged("post_install", "-at_install")
class TestOutbound(BaseCase):
    def test_addresses(self):
        self.assertEqual(check_address(" https://a.example/x/ "), "https://a.example/x")
        for url, reason in (
            ("", "malformed"),
            ("a.example", "malformed"),
            ("ftp://a.example", "malformed"),
            ("https://", "malformed"),
            ("https://a.example:99999", "malformed"),
            ("https://a.example?x", "malformed"),
            ("https://a.example#x", "malformed"),
            ("https://a.exam ple", "malformed"),
            ("https://u@a.example", "credentials"),
            ("https://:p@a.example", "credentials"),
        ):
            with self.subTest(url=url), self.assertRaisesRegex(AddressRefused, reason):
                check_address(url)

    def test_what_is_public(self):
        for address in ("1.1.1.1", "2606:4700::1111"):
            self.assertTrue(is_public(address), address)
        for address in (
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "fe80::1%eth0",
            "fd00::1",
        ):
            self.assertFalse(is_public(address), address)

    def test_what_a_name_means_is_checked_when_connecting(self):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
        with (
            patch("socket.getaddrinfo", return_value=found),
            patch("socket.create_connection") as connect,
            open_session("https://metadata.example", ()) as session,
            self.assertRaisesRegex(AddressRefused, "private"),
        ):
            adapter = session.get_adapter("https://metadata.example")
            pool = adapter.poolmanager.connection_from_url("https://metadata.example")
            pool._new_conn().connect()
        connect.assert_not_called()

    def test_a_token_travels_encrypted_unless_the_host_is_allowed(self):
        with self.assertRaisesRegex(AddressRefused, "plain"):
            open_session("http://chat.example", ())
        open_session("http://chat.example", split_allowed("Chat.example, x")).close()
