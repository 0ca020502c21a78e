"""The guide for client ERPs is true: its blocks are run, and answer what it says."""

import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sidecar.erp.generic.store import PushedRecords
from sidecar.settings import Settings
from sidecar.tenants.pushing import FIELDS
from sidecar.web.state import WebState

GUIDE = Path(__file__).parents[2] / "docs/erp-client.md"
_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.M | re.S)
# the part of curl's command line that the guide uses: CI machines may have no curl
_CURL = """#!{python}
import sys, urllib.error, urllib.request
words, headers, method, data, url = sys.argv[1:], {{}}, None, None, ""
while words:
    word = words.pop(0)
    if word == "-X": method = words.pop(0)
    elif word == "-H": name, _, value = words.pop(0).partition(": "); headers[name] = value
    elif word == "--data-binary": data = open(words.pop(0)[1:], "rb").read()
    elif word != "-sS": url = word
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method))
except urllib.error.HTTPError as error:
    answer = error
print(answer.read().decode())
"""


@dataclass
class Block:
    language: str
    file: str
    text: str


def blocks() -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(GUIDE.read_text())]


def prepared(folder: Path, settings: Settings) -> dict[str, str]:
    """An environment with `curl` and `sidecar` over the test's own house."""
    programs = folder / "bin"
    programs.mkdir()
    scripts = {
        "curl": _CURL.format(python=sys.executable),
        "sidecar": f'#!/bin/sh\nexec {sys.executable} -m sidecar "$@"\n',
        "python3": f'#!/bin/sh\nexec {sys.executable} "$@"\n',
    }
    for name, text in scripts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(stat.S_IRWXU)
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(GUIDE.parents[1]),
        "SIDECAR": settings.url_of_web(),
        "LANG": "C.UTF-8",
        "CHATWOOTAI_STATE_URL": settings.state_url.get_secret_value(),
        "CHATWOOTAI_SECRET_KEY": settings.secret_key.get_secret_value(),
        "CHATWOOTAI_CONFIG_DIR": str(settings.config_dir),
        "CHATWOOTAI_LOG_LEVEL": "error",
    }


def plain(text: str) -> list[str]:
    """The lines of an output, without the ids of requests."""
    told = re.sub(r',"request_id":"\w+"|, "request_id": "\w+"', "", text.strip())
    lines = [line for line in told.splitlines() if line.strip()]
    return [json.dumps(json.loads(one)) if one.startswith("{") else one for one in lines]


def test_the_guide_does_what_it_says(settings: Settings, web: WebState, tmp_path: Path) -> None:
    folder = tmp_path / "guide"
    folder.mkdir()
    environment = prepared(folder, settings)
    exports, output, compared = "", "", 0
    for block in blocks():
        if block.file:
            root = settings.config_dir if block.language == "yaml" else folder
            (root / block.file).parent.mkdir(parents=True, exist_ok=True)
            (root / block.file).write_text(block.text)
        elif block.language == "sh":
            output = ran(exports + block.text, folder, environment)
            exports += "".join(re.findall(r"^export .*\n", block.text, re.M))
        else:
            json_told = block.language == "json"
            wanted = json.dumps(json.loads(block.text)) if json_told else block.text
            assert plain(output) == plain(wanted), block.text
            compared += 1
    assert compared >= 6
    kept = PushedRecords.of(settings, "account_1")
    assert [kept.count(kind) for kind in ("products", "customers", "orders")] == [3, 2, 2]


def ran(script: str, folder: Path, environment: dict[str, str]) -> str:
    """What a script prints; it must not fail."""
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (script, done.stdout, done.stderr)
    return done.stdout


def test_every_field_and_limit_is_in_the_guide() -> None:
    text = GUIDE.read_text()
    for fields in FIELDS.values():
        for name in fields:
            assert f"`{name}`" in text or f'"{name}"' in text, name
    for name in (n for n in Settings.model_fields if n.startswith("push_")):
        assert f"`CHATWOOTAI_{name.upper()}`" in text, name
