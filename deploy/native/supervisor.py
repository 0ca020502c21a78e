"""The process manager: its configuration, and its control over a unix socket."""

import http.client
import os
import shlex
import signal
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path

from . import postgres, software
from .environment import process_environment, write_private
from .paths import House
from .shell import tail
from .trouble import Trouble

# program → seconds it gets to end by itself
PROGRAMS = {
    "postgres": 30,
    "redis": 15,
    "odoo": 20,
    "odoo-rpc": 20,
    "vectors": 15,
    "web": 10,
    "mcp": 15,
    "worker": 15,
    "scheduler": 10,
    "playground": 10,
}
ODOO = ("odoo", "odoo-rpc")  # for people; for the sidecar and the scheduled actions
SIDECAR = ("vectors", "web", "mcp", "worker", "scheduler", "playground")
READ_KEYS = (
    "web",
    "mcp",
    "worker",
)  # read encryption keys from their settings; Odoo reads its file
MARK = "CHATWOOTAI_SUPERVISED"  # in the environment of each process, naming its house
RESTARTS = 30  # of a program that dies at once; the pause grows by a second each time
PROGRAM_FAULT_ALREADY_STARTED, PROGRAM_FAULT_NOT_RUNNING = 60, 70


def _commands(house: House) -> dict[str, list[str]]:
    sidecar = str(house.venv / "bin" / "sidecar")
    odoo = [str(software.odoo_bin(house)), "-c", str(house.run / "odoo.conf")]
    commands = {
        "postgres": postgres.command(house),
        "redis": ["redis-server", str(house.run / "redis.conf")],
        "odoo": [*odoo, "--max-cron-threads=0"],
        "odoo-rpc": [*odoo, f"--http-port={house.port(2)}"],
    }
    return commands | {name: [sidecar, name] for name in SIDECAR}


def configuration(house: House) -> str:
    """The text of supervisord.conf. No program starts by itself: `make up` knows the order."""

    def safe(value: object) -> str:
        return str(value).replace("%", "%%")

    socket_file = house.sockets / "supervisor.sock"
    sections = [
        f"""[unix_http_server]
file = {safe(socket_file)}
chmod = 0700

[supervisord]
logfile = {safe(house.log / "supervisord.log")}
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = {safe(house.run / "supervisord.pid")}
childlogdir = {safe(house.log)}
{"user = root" if os.geteuid() == 0 else ""}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{safe(socket_file)}
"""
    ]
    for name, command in _commands(house).items():
        # PostgreSQL: SIGINT is its "fast" shutdown, and it ends its own children
        stop = "INT" if name == "postgres" else "TERM"
        group = "false" if name == "postgres" else "true"
        folder = house.root if not house.test else house.home
        # in the file, not only inherited: a manager that runs since before learns it too
        keys = f'environment = AI_CREDENTIALS_KEY_FILE="{safe(house.vault_keys_file)}"\n'
        sections.append(
            f"""[program:{name}]
command = {safe(shlex.join(command))}
directory = {safe("/" if name == "postgres" else folder)}
autostart = false
autorestart = true
startsecs = 2
startretries = {RESTARTS}
stopsignal = {stop}
stopwaitsecs = {PROGRAMS[name]}
killasgroup = {group}
redirect_stderr = true
stdout_logfile = {safe(house.log / f"{name}.log")}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
{keys if name in ODOO else ""}"""
        )
    return "\n".join(sections)


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(60)
        connection.sock.connect(str(self._path))
        return connection


def _call(house: House, method: str, *arguments: object) -> object:
    """A method of supervisord. OSError when none listens."""
    transport = _UnixTransport(house.sockets / "supervisor.sock")
    with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as server:
        return getattr(server.supervisor, method)(*arguments)


def states(house: House) -> dict[str, dict]:
    """program → `{"statename", "pid", "start", "now", "description", …}`; {} when it is down."""
    try:
        return {info["name"]: info for info in _call(house, "getAllProcessInfo")}
    except OSError:
        return {}


def ensure(house: House) -> str:
    """Start supervisord, or hand the running one a changed configuration.

    Raises:
        Trouble: it does not come up.
    """
    file = house.run / "supervisord.conf"
    text = configuration(house)
    changed = not file.exists() or file.read_text() != text
    write_private(file, text)
    if states(house):
        if changed:
            _reread(house)
        return "running"
    command = [house.venv / "bin" / "supervisord", "-c", file]
    environment = process_environment(house) | {MARK: str(house.home)}
    done = subprocess.run(
        command, env=environment, cwd=house.root, capture_output=True, text=True, check=False
    )
    deadline = time.monotonic() + 15
    while not states(house):
        if done.returncode or time.monotonic() > deadline:
            said = (done.stdout + done.stderr).splitlines() or tail(house.log / "supervisord.log")
            raise Trouble("the process manager does not start", said[-15:])
        time.sleep(0.1)
    return "started"


def _reread(house: House) -> None:
    """Apply a changed configuration: programs that differ are stopped for the caller to start."""
    ((added, changed, removed),) = _call(house, "reloadConfig")
    for name in (*changed, *removed):
        stop(house, name)
        _call(house, "removeProcessGroup", name)
    for name in (*added, *changed):
        _call(house, "addProcessGroup", name)


def start(house: House, name: str) -> bool:
    """Start a program unless it runs; returns whether it had to be started."""
    try:
        _call(house, "startProcess", name, False)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != PROGRAM_FAULT_ALREADY_STARTED:
            raise Trouble(f"{name} cannot be started: {fault.faultString}") from fault
        return False
    return True


def stop(house: House, name: str) -> None:
    """Stop a program and wait for its end."""
    try:
        _call(house, "stopProcess", name, True)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != PROGRAM_FAULT_NOT_RUNNING:
            raise Trouble(f"{name} cannot be stopped: {fault.faultString}") from fault


def reload(house: House, name: str) -> None:
    """Let a running program read its settings anew (SIGHUP); it goes on serving meanwhile."""
    if states(house)[name]["pid"]:
        _call(house, "signalProcess", name, "HUP")


def wait_healthy(house: House, name: str, healthy: Callable[[], bool], timeout: float) -> None:
    """Wait until a started program answers.

    Raises:
        Trouble: it died three times, or does not answer within `timeout` seconds; with its log.
    """
    deadline = time.monotonic() + timeout
    seen: set[int] = set()
    while True:
        info = states(house).get(name)
        if info is None:
            raise Trouble(f"the process manager is gone while {name} starts: make up again")
        if info["pid"]:
            seen.add(info["pid"])
        if info["statename"] == "RUNNING" and healthy():
            return
        log = house.log / f"{name}.log"
        if info["statename"] in ("FATAL", "EXITED") or len(seen) > 3:
            raise Trouble(f"{name} keeps dying ({info['description']}); log: {log}", tail(log))
        if time.monotonic() > deadline:
            raise Trouble(f"{name} does not answer after {timeout:.0f} s; log: {log}", tail(log))
        time.sleep(0.2)


def shut_down(house: House) -> str:
    """Stop every program, then the manager; also what is left of a manager that was killed."""
    known = states(house)
    if known:
        # writers first, so that what they flush is still taken in
        for name in reversed(PROGRAMS):
            if name in known:
                stop(house, name)
        manager = int(_call(house, "getPID"))
        _call(house, "shutdown")
        _wait_gone([manager], 15)
    left = end_leftovers(house)
    return "stopped" if known or left else "nothing was running"


def end_leftovers(house: House) -> int:
    """End processes of this house that no manager holds any more; returns how many.

    They carry the house's mark in their environment. Two overwrite theirs with a title: Redis is
    found by the folder it works in, PostgreSQL by the pid file in its folder.
    """
    mark = f"{MARK}={house.home}".encode()
    found = [
        pid
        for pid in _pids()
        if mark in _read(pid, "environ").split(b"\0") or _is_redis_of(house, pid)
    ]
    pid_file = postgres.data(house) / "postmaster.pid"
    postmaster = int(pid_file.read_text().split("\n")[0]) if pid_file.exists() else 0
    if postmaster and str(postgres.data(house)).encode() in _read(postmaster, "cmdline"):
        _signal(postmaster, signal.SIGINT)
        found = [pid for pid in found if pid != postmaster]
    else:
        postmaster = 0
    for pid in found:
        _signal(pid, signal.SIGTERM)
    everything = [*found, *([postmaster] if postmaster else [])]
    for pid in _wait_gone(everything, 20):
        _signal(pid, signal.SIGKILL)
    return len(everything)


def _is_redis_of(house: House, pid: int) -> bool:
    try:
        folder, program = os.readlink(f"/proc/{pid}/cwd"), os.readlink(f"/proc/{pid}/exe")
    except OSError:  # ended meanwhile, or another user's
        return False
    return folder == str(house.data / "redis") and Path(program).name.startswith("redis-")


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`."""
    stats = ((each, _read(each, "stat").rpartition(b")")[2].split()) for each in _pids())
    return [each for each, fields in stats if len(fields) > 1 and int(fields[1]) == pid]


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return b""


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _gone(pid: int) -> bool:
    status = _read(pid, "stat").rpartition(b")")[2].split()
    return not status or status[0] == b"Z"


def _wait_gone(pids: list[int], timeout: float) -> list[int]:
    """Those of `pids` that still run after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    left = [pid for pid in pids if not _gone(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = [pid for pid in left if not _gone(pid)]
    return left
