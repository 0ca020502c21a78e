"""A private PostgreSQL cluster, reachable through a unix socket by this system user only."""

import getpass
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from .paths import House
from .shell import run
from .trouble import Trouble

PORT = 5432  # only names the socket; nothing listens on TCP
DURABLE = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
}
# The tests' data is thrown away: nothing of it needs to survive a power cut.
THROWN_AWAY = DURABLE | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "30min",
}
CAPABILITIES = ("+dac_override,+dac_read_search", "+dac_override")


def data(house: House) -> Path:
    return house.data / "postgres"


def binaries(house: House) -> Path:
    """Folder of PostgreSQL's programs: of the cluster's version, else the newest.

    Raises:
        Trouble: none is installed, or not the one the cluster was made with.
    """
    version = data(house) / "PG_VERSION"
    wanted = version.read_text().strip() if version.exists() else "*"
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"{wanted}/bin/postgres"),
        key=lambda program: int(program.parts[-3]),
    )
    if not found:
        raise Trouble(
            f"PostgreSQL {wanted if wanted != '*' else ''} is missing in /usr/lib/postgresql"
        )
    return found[-1].parent


def as_server(house: House) -> list[str]:
    """The words in front of a command that must not run as root, or none when we are not root.

    Below a 0700 folder the user postgres cannot reach its files: then it is lent the capability
    to pass folders, for its own processes only.

    Raises:
        Trouble: neither way reaches the cluster's folder.
    """
    if os.geteuid() != 0:
        return []
    base = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    lent = [[f"--inh-caps={caps}", f"--ambient-caps={caps}"] for caps in CAPABILITIES]
    for prefix in (base, *(base + caps for caps in lent)):
        # chdir is really tried: access(2), which `test -w` asks, ignores lent capabilities
        probe = [*prefix, "sh", "-c", 'cd "$0"', str(data(house))]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return prefix
    raise Trouble(
        f"the user postgres cannot reach {data(house)}: move the clone below a folder it may enter"
    )


def prepare(house: House) -> str:
    """Make the cluster, once, and write its settings, always."""
    folder, log = data(house), house.log / "postgres-setup.log"
    folder.mkdir(parents=True, exist_ok=True)
    house.postgres_sockets.mkdir(mode=0o755, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        os.chown(house.postgres_sockets, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)
    made = not (folder / "PG_VERSION").exists()
    if made:
        _init(house, folder, log)
    return "made" if made else "exists"


def _init(house: House, folder: Path, log: Path) -> None:
    command = [binaries(house) / "initdb", "-D", folder, "-U", "postgres", "-E", "UTF8"]
    command += ["--locale=C.UTF-8", "-A", "peer", *(["--no-sync"] if house.test else [])]
    try:
        run([*as_server(house), *command], log, what="initdb", cwd=Path("/"))
    except Trouble:
        shutil.rmtree(folder)
        raise


def write_settings(house: House) -> None:
    """The cluster's settings, and who may connect: this system user, as `odoo` or `postgres`."""
    folder = data(house)
    settings = THROWN_AWAY if house.test else DURABLE
    lines = ["# written by make up; put changes of your own into local.conf beside this file"]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    lines += ["listen_addresses = ''", f"port = {PORT}", "log_line_prefix = '%m [%p] %d '"]
    lines += [
        f"unix_socket_directories = '{house.postgres_sockets}'",
        "include_if_exists = 'local.conf'",
    ]
    (folder / "postgresql.conf").write_text("\n".join(lines) + "\n")
    (folder / "pg_hba.conf").write_text("local all all peer map=house\n")
    users = {getpass.getuser(), "postgres"} if os.geteuid() == 0 else {getpass.getuser()}
    names = [f"house {user} {role}" for user in sorted(users) for role in ("odoo", "postgres")]
    (folder / "pg_ident.conf").write_text("\n".join(names) + "\n")


def command(house: House) -> list[str]:
    """The server in the foreground."""
    return [*as_server(house), str(binaries(house) / "postgres"), "-D", str(data(house))]


def psql(house: House, sql: str, *, database: str = "postgres", role: str = "odoo") -> str:
    """Run SQL statements, each by itself; returns the rows, columns separated by `|`.

    Raises:
        Trouble: the server does not answer or refuses.
    """
    command = [binaries(house) / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"]
    command += ["-h", house.postgres_sockets, "-p", str(PORT), "-U", role, "-d", database]
    done = subprocess.run(
        command,
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Trouble(f"PostgreSQL refused: {sql.strip()[:80]}", done.stderr.splitlines()[-5:])
    return done.stdout.strip()


def ready(house: House) -> bool:
    """Whether the server takes connections."""
    probe = [binaries(house) / "pg_isready", "-q", "-h", house.postgres_sockets, "-p", str(PORT)]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def ensure_role(house: House) -> None:
    """The role Odoo connects as: not a superuser, it may create databases."""
    sql = "select 1 from pg_roles where rolname = 'odoo'"
    if not psql(house, sql, role="postgres"):
        psql(house, "create role odoo login createdb", role="postgres")


def databases(house: House) -> list[str]:
    """Names of all databases."""
    return psql(house, "select datname from pg_database").splitlines()
