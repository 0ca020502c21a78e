"""Clients are kept while what they were made of stays the same, and not for ever."""

from sidecar.outbound.kept import KeptClients


def test_a_client_is_made_again_when_its_key_changes() -> None:
    kept: KeptClients[list[str]] = KeptClients()
    first = kept.get(("account_1",), ("url", "key"), list)
    assert kept.get(("account_1",), ("url", "key"), list) is first
    assert kept.get(("account_2",), ("url", "key"), list) is not first
    assert kept.get(("account_1",), ("url", "other"), list) is not first
    kept.drop(("account_1",))
    kept.drop(("never",))


def test_the_longest_unused_goes() -> None:
    kept: KeptClients[list[str]] = KeptClients(size=2)
    first = kept.get(("a",), (), list)
    second = kept.get(("b",), (), list)
    assert kept.get(("a",), (), list) is first
    kept.get(("c",), (), list)
    assert kept.get(("a",), (), list) is first
    assert kept.get(("b",), (), list) is not second
