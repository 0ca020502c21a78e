"""Which connected sockets a tenant's address may lead to."""

import pytest

from sidecar.outbound.peer import is_allowed


class Socket:
    def __init__(self, address: str):
        self.address = address

    def getpeername(self) -> tuple[str, int]:
        return (self.address, 443)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),  # NAT64 of 10.0.0.1
        ("64:ff9b::5db8:d822", True),
        ("2002:a00:1::1", False),  # 6to4 of 10.0.0.1
    ],
)
def test_private_networks_are_refused_in_every_notation(address: str, allowed: bool) -> None:
    assert is_allowed(Socket(address), "shop.example", frozenset()) is allowed


def test_the_operator_may_allow_a_name_or_an_address() -> None:
    private = Socket("10.1.2.3")
    assert is_allowed(private, "Odoo.Internal", {"odoo.internal"})
    assert is_allowed(private, "other", {"10.1.2.3"})
    assert not is_allowed(private, "odoo.internal.evil.example", {"odoo.internal"})
    assert is_allowed(Socket("::1"), "[::1]", {"::1"})
