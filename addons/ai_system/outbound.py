"""Where Odoo may connect to when a person typed the address. Plain Python without Odoo.

AddressRefused: the address is malformed, carries credentials, or leads into a private network.
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

DEFAULT_ALLOWED = "127.0.0.1,localhost,::1"
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(ValueError):
    """Odoo must not connect there. Its text is a code: malformed, credentials, plain or private."""


def check_address(url: str) -> str:
    """Return `url` without surrounding space and trailing slash. Raises AddressRefused.

    Only http and https with a host are accepted; a user, a password, a query or a fragment inside
    the address are not.
    """
    url = (url or "").strip().rstrip("/")
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError as error:
        raise AddressRefused("malformed") from error
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("credentials")
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid:
        raise AddressRefused("malformed")
    if parts.query or parts.fragment or any(c.isspace() or ord(c) < 32 for c in url):
        raise AddressRefused("malformed")
    return url


def split_allowed(text: str) -> frozenset[str]:
    """Return the host names and addresses of a comma-separated list."""
    return frozenset(part.strip().lower() for part in (text or "").split(",") if part.strip())


def is_public(address: str) -> bool:
    """True when the IP `address` is reachable on the internet, its IPv4 inside IPv6 included."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in NAT64:
            ip = ipaddress.IPv4Address(ip.packed[-4:])
        else:
            ip = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, ip))[1]
    return ip.is_global and not ip.is_multicast


def open_session(url: str, allowed: Collection[str]) -> requests.Session:
    """Return a session that connects to public addresses, or to the hosts in `allowed`.

    The address is checked when the connection is made, on what the name resolves to then, so a
    name that changes its mind gains nothing. Raises AddressRefused when `url` may not be used at
    all: plain http is for the allowed hosts only, because a token would travel readable.
    """
    parts = urlsplit(check_address(url))
    if parts.scheme == "http" and parts.hostname not in allowed:
        raise AddressRefused("plain")
    session = requests.Session()
    # A .netrc or a proxy of the environment would undo the check.
    session.trust_env = False
    adapter = _CheckedAdapter(frozenset(allowed))
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _CheckedAdapter(HTTPAdapter):
    def __init__(self, allowed: frozenset[str]):
        self._allowed = allowed
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args, **kwargs):
        made = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._allowed),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._allowed),
        }
        return made


def _pool(pool_class, connection_class, allowed: frozenset[str]):
    class Connection(connection_class):
        def _new_conn(self):
            host = self._dns_host
            try:
                found = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
            except OSError as error:
                raise NewConnectionError(self, "the name is not known") from error
            addresses = list(dict.fromkeys(entry[4][0] for entry in found))
            reachable = [a for a in addresses if host in allowed or a in allowed or is_public(a)]
            if not reachable:
                raise AddressRefused("private")
            for address in reachable:
                try:
                    return socket.create_connection((address, self.port), self.timeout)
                except TimeoutError:
                    raise
                except OSError:
                    continue
            raise NewConnectionError(self, "no address answers")

    return type("CheckedPool", (pool_class,), {"ConnectionCls": Connection})
