"""Who speaks: the address that stands in the audit."""

import ipaddress
from functools import lru_cache

from sidecar.errors import NotConfigured

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def address_of(peer: str, forwarded: str, trusted_proxies: str) -> str:
    """The peer's address; what `forwarded` (X-Forwarded-For) says only as far as trusted proxies
    wrote it."""
    address = peer
    trusted = networks(trusted_proxies)
    hops = [hop.strip() for hop in forwarded.split(",")]
    while hops and _is_within(address, trusted):
        told = hops.pop()  # the last one was written by the proxy that we trust
        try:
            address = str(ipaddress.ip_address(told))
        except ValueError:
            break
    return address


@lru_cache(maxsize=8)
def networks(text: str) -> tuple[_Network, ...]:
    """The networks of a comma-separated setting; NotConfigured names what is none."""
    found: list[_Network] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise NotConfigured(
                f"CHATWOOTAI_TRUSTED_PROXIES: {part!r} is neither an address nor a network."
            ) from None
    return tuple(found)


def _is_within(address: str, trusted: tuple[_Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
