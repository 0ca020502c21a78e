"""Whether a connected socket leads to an address a tenant may name."""

import ipaddress
import socket
from collections.abc import Collection

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_allowed(sock: socket.socket, host: str, allowed: Collection[str]) -> bool:
    """True for a public address, and for a private one that the operator allow-listed.

    The address is the socket's own, so a name that resolves differently the second time (DNS
    rebinding) gains nothing. `allowed` holds host names and addresses in lower case.
    """
    address = ipaddress.ip_address(sock.getpeername()[0].split("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if all(a.is_global and not a.is_multicast for a in (address, *_inside(address))):
        return True
    return host.lower().strip("[]") in allowed or str(address) in allowed


def _inside(address: _Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that a gateway would reach for this IPv6 one: NAT64 and 6to4."""
    if address.version == 4:
        return []
    found = [address.sixtofour] if address.sixtofour else []
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found
