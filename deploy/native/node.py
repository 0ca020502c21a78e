"""Programs from npm, locked, each set in a folder of its own below `.local`."""

import shutil
from collections.abc import Callable
from pathlib import Path

from .paths import House
from .shell import Stamp, digest_of, run

Note = Callable[[str], None]
INSPECTOR = "inspector/node_modules/@modelcontextprotocol/inspector-cli/build/cli.js"


def installed(house: House, source: str, name: str, note: Note) -> Path:
    """The folder `.local/<name>` with `node_modules` as `deploy/<source>/package-lock.json` says.

    Raises:
        Trouble: npm cannot install them; with the end of its log.
    """
    folder = house.local / name
    files = [house.root / "deploy" / source / n for n in ("package.json", "package-lock.json")]
    stamp = Stamp(folder / ".installed", digest_of(files))
    if not stamp.fresh():
        folder.mkdir(exist_ok=True)
        for file in files:
            shutil.copy(file, folder / file.name)
        note("npm ci")
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        run(command, house.log / f"{name}.log", what="npm ci", cwd=folder)
        stamp.set()
    return folder


def inspector(house: House, note: Note) -> None:
    """Install the command line of the official MCP inspector at `.local/` + INSPECTOR.

    Raises:
        Trouble: as `installed`.
    """
    scope = installed(house, "inspector", "inspector", note) / "node_modules/@modelcontextprotocol"
    # it reads its version from the folder of the whole inspector, of which it is only a part
    shutil.copy(scope / "inspector-cli" / "package.json", scope / "package.json")
