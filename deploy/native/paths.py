"""Where everything of an installation lies, and the choices remembered between commands."""

import getpass
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .trouble import Trouble

# sockaddr_un.sun_path holds 108 bytes with its final NUL; supervisor adds ".<pid>" while binding.
SOCKET_PATH_MAX = 107
LONGEST_SOCKET_NAME = "supervisor.sock.4194304"


@dataclass(frozen=True)
class House:
    """One running installation.

    `root` is the clone, `local` holds the installed software (shared), `home` this
    installation's settings, data, logs and sockets: `.local`, or `.local/test` for the tests.
    """

    root: Path
    local: Path
    home: Path
    port_base: int
    odoo_port: int
    test: bool = False

    @property
    def venv(self) -> Path:
        return self.local / "venv"

    @property
    def odoo_prefix(self) -> Path:
        return self.local / "odoo"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def sidecar_env(self) -> Path:
        return self.home / "sidecar.env"

    @property
    def admin_password_file(self) -> Path:
        return self.home / "admin-password"

    @property
    def vault_keys_file(self) -> Path:
        """Keys of Odoo's credentials, one a line, the newest first."""
        return self.home / "vault.keys"

    @property
    def database(self) -> str:
        return "chatwootai"

    @property
    def sockets(self) -> Path:
        """Folder of the unix sockets: `run`, or a short private one when its path is too long."""
        if len(os.fsencode(self.run / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_MAX:
            return self.run
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        parent = Path("/run") if os.access("/run", os.W_OK) else Path(tempfile.gettempdir())
        return parent / f"chatwootai-{getpass.getuser()}-{digest}"

    @property
    def postgres_sockets(self) -> Path:
        """Folder of PostgreSQL's socket; the user postgres owns it."""
        return self.sockets / "pg"

    def port(self, offset: int) -> int:
        """Port of the process at `offset` above the base."""
        return self.port_base + offset

    @property
    def odoo_url(self) -> str:
        return f"http://127.0.0.1:{self.odoo_port}"

    @property
    def odoo_rpc_url(self) -> str:
        return f"http://127.0.0.1:{self.port(2)}"

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.port(0)}"

    @property
    def mcp_url(self) -> str:
        return f"http://127.0.0.1:{self.port(1)}"

    @property
    def playground_url(self) -> str:
        return f"http://127.0.0.1:{self.port(5)}"

    def make_folders(self) -> None:
        """Create the folders of this installation; the one of the sockets must be ours alone.

        Raises:
            Trouble: the short folder of the sockets belongs to somebody else.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        for folder in (self.data, self.log, self.run, self.config):
            folder.mkdir(parents=True, exist_ok=True)
        if self.sockets != self.run:
            self.sockets.mkdir(mode=0o711, exist_ok=True)
            if self.sockets.is_symlink() or self.sockets.stat().st_uid != os.geteuid():
                raise Trouble(f"{self.sockets} belongs to another user: remove it")


def _number(name: str, value: str) -> int:
    if not value.isdigit() or not 1024 <= int(value) <= 65000:
        raise Trouble(f"{name}={value!r} is not a port: give a number from 1024 to 65000")
    return int(value)


def open_house(root: Path, *, test: bool = False) -> House:
    """The installation of the clone at `root`, with the ports of the environment.

    For `make up` a choice (`PORT_BASE`, `ODOO_PORT`) is kept in `.local/choices.json`; the tests
    use `TEST_PORT_BASE` and `TEST_ODOO_PORT`, so that both run side by side.

    Raises:
        Trouble: a port is not a number between 1024 and 65000, or two would collide.
    """
    local = root / ".local"
    prefix, base, odoo = ("TEST_", "18000", "18069") if test else ("", "8000", "8069")
    choices = {} if test else _read_choices(local / "choices.json")
    base = os.environ.get(f"{prefix}PORT_BASE") or choices.get("port_base", base)
    odoo = os.environ.get(f"{prefix}ODOO_PORT") or choices.get("odoo_port", odoo)
    house = House(
        root=root,
        local=local,
        home=local / "test" if test else local,
        port_base=_number(f"{prefix}PORT_BASE", str(base)),
        odoo_port=_number(f"{prefix}ODOO_PORT", str(odoo)),
        test=test,
    )
    if house.port_base <= house.odoo_port <= house.port(9):
        raise Trouble(
            f"ODOO_PORT {house.odoo_port} lies among the sidecar's ports "
            f"{house.port_base}-{house.port(9)}: choose one outside"
        )
    return house


def _read_choices(file: Path) -> dict:
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise Trouble(f"{file} is not JSON: remove it and run make up again") from None


def remember_choices(house: House) -> None:
    """Keep the ports (and `ODOO_BIN`, when given) for the next command."""
    file = house.local / "choices.json"
    choices = _read_choices(file)
    choices |= {"port_base": str(house.port_base), "odoo_port": str(house.odoo_port)}
    if os.environ.get("ODOO_BIN"):
        choices["odoo_bin"] = os.environ["ODOO_BIN"]
    file.write_text(json.dumps(choices, indent=1) + "\n")


def chosen_odoo_bin(house: House) -> str:
    """The existing Odoo a person named (`ODOO_BIN`, now or earlier), or ""."""
    return os.environ.get("ODOO_BIN") or _read_choices(house.local / "choices.json").get(
        "odoo_bin", ""
    )
