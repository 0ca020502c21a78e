"""Whether a connected socket leads to an address a tenant may name."""

import ipaddress
import socket
from collections.abc import Collection


def is_allowed(sock: socket.socket, host: str, allowed: Collection[str]) -> bool:
    """True for a public address, and for a private one that the operator allow-listed.

    The address is the socket's own, so a name that resolves differently the second time (DNS
    rebinding) gains nothing. `allowed` holds host names and addresses in lower case.
    """
    address = ipaddress.ip_address(sock.getpeername()[0].split("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_global and not address.is_multicast:
        return True
    return host.lower().strip("[]") in allowed or str(address) in allowed
