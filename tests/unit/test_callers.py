"""The address in the audit is the peer's, unless a proxy that is trusted says otherwise."""

import pytest

from sidecar.errors import NotConfigured
from sidecar.observability.callers import address_of, networks


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("203.0.113.5", "", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "10.0.0.0/8", "203.0.113.5"),
        ("10.0.0.2", "198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "192.0.2.99, 198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "not an address", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2", "10.0.0.2"),
        ("fd00::1", "2001:db8::7", "fd00::/8", "2001:db8::7"),
        ("", "198.51.100.1", "10.0.0.0/8", ""),
    ],
)
def test_only_trusted_proxies_are_believed(
    peer: str, forwarded: str, trusted: str, found: str
) -> None:
    assert address_of(peer, forwarded, trusted) == found


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(NotConfigured, match="is neither an address nor a network"):
        networks("10.0.0.0/8, proxy.example")
