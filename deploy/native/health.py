"""Is it up? One check per program, and who holds a port that we need."""

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from . import postgres, supervisor
from .environment import read_env, redis_password
from .paths import House
from .trouble import Trouble

STEADY = 3.0  # seconds a program without a door must have run to count as up


def _http(url: str) -> bool:
    """Whether a GET answers 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def redis_says(port: int, password: str, command: str) -> bytes:
    """Redis's one-line answer to `command` (such as b"+PONG"), b"" when it gives none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(f"AUTH {password}\r\n{command}\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                chunk = link.recv(256)
                if not chunk:
                    return b""
                answer += chunk
    except OSError:
        return b""
    granted, said, _ = answer.split(b"\r\n", 2)
    return said if granted == b"+OK" else b""


def _steady(house: House, name: str) -> bool:
    info = supervisor.states(house).get(name, {})
    return info.get("statename") == "RUNNING" and time.time() - info["start"] >= STEADY


def _forked(house: House, name: str) -> bool:
    """Dramatiq forks its workers once every actor is imported: then it takes work."""
    pid = supervisor.states(house).get(name, {}).get("pid")
    return bool(pid) and len(supervisor.children(pid)) > 0 and _steady(house, name)


def checks(house: House) -> dict[str, Callable[[], bool]]:
    """program → whether it does its work now."""

    def redis(command: str) -> bytes:
        return redis_says(house.port(9), redis_password(read_env(house.sidecar_env)), command)

    return {
        "postgres": lambda: postgres.ready(house),
        "redis": lambda: redis("PING") == b"+PONG",
        "odoo": lambda: _http(f"{house.odoo_url}/web/login"),
        "odoo-rpc": lambda: _http(f"{house.odoo_rpc_url}/web/health?db_server_status=1"),
        "vectors": lambda: _http(f"http://127.0.0.1:{house.port(6)}/readyz"),
        "web": lambda: _http(f"{house.web_url}/health/ready"),
        "mcp": lambda: _http(f"{house.mcp_url}/health"),
        "worker": lambda: _forked(house, "worker"),
        "scheduler": lambda: (
            _steady(house, "scheduler") and redis("EXISTS beat:scheduler") == b":1"
        ),
        "playground": lambda: _http(f"{house.playground_url}/playground/api/health"),
    }


def ports(house: House) -> dict[str, int]:
    """program → TCP port it listens on."""
    return {
        "redis": house.port(9),
        "odoo": house.odoo_port,
        "odoo-rpc": house.port(2),
        "vectors": house.port(6),
        "web": house.port(0),
        "mcp": house.port(1),
        "playground": house.port(5),
    }


def check_ports(house: House) -> None:
    """Raises Trouble when a program that is to be started finds its port taken, naming by whom."""
    running = supervisor.states(house)
    for program, port in ports(house).items():
        if running.get(program, {}).get("pid"):
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                choice = "ODOO_PORT" if program == "odoo" else "PORT_BASE"
                value = house.odoo_port if program == "odoo" else house.port_base
                prefix, target = ("TEST_", "test") if house.test else ("", "up")
                raise Trouble(
                    f"port {port} ({program}) is taken by {holder(port)}: stop it, or choose "
                    f"another: make {target} {prefix}{choice}={value + 1000}"
                ) from None


def holder(port: int) -> str:
    """The process that listens on `port`, in words."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:] if Path(table).exists() else ():
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _holds(process / "fd", inodes):
            words = (process / "cmdline").read_bytes().decode("utf-8", "replace")
            command = " ".join(words.replace("\0", " ").split())
            return f"process {process.name} ({command[:60]})"
    return "another program"


def _holds(folder: Path, inodes: set[str]) -> bool:
    try:
        return any(os.readlink(link) in inodes for link in folder.iterdir())
    except OSError:  # ended meanwhile, or another user's
        return False
