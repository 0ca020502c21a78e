"""`sidecar`: the one command-line program. Each process and each errand is a sub-command."""

import argparse
import importlib
import sys

from sidecar.errors import SidecarError
from sidecar.settings import get_settings

_PROCESSES = {
    "web": ("sidecar.app", "webhooks and API doors (gunicorn)"),
    "worker": ("sidecar.tasks.worker", "runs the crews (dramatiq)"),
    "scheduler": ("sidecar.tasks.scheduler", "finds due work nobody holds"),
    "vectors": ("sidecar.search.edge_server", "Qdrant's engine, where no server is configured"),
    "playground": ("sidecar.playground.app", "Chatwoot's side, to try the desk without one"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run a sub-command; its exit code. Named errors become one line on standard error."""
    parser = argparse.ArgumentParser(prog="sidecar", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_module, text) in _PROCESSES.items():
        commands.add_parser(name, help=text)
    enroll = commands.add_parser("enroll", help="print a one-time enrollment token for Odoo")
    enroll.add_argument("--account", help="the only account id the token may enroll")
    chat = commands.add_parser("chat", help="ask a tenant's customer-service crew")
    chat.add_argument("--account", required=True, help="account id, such as account_1")
    chat.add_argument("text", help="the customer's words")
    commands.add_parser("doctor", help="check every part and say what to do")
    commands.add_parser("routes", help="print which crew serves which source and action")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except SidecarError as error:
        print(f"sidecar {chosen.command}: {error.message}", file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    # modules load late: `sidecar enroll` must not wait for crewai
    settings = get_settings()
    if chosen.command in _PROCESSES:
        importlib.import_module(_PROCESSES[chosen.command][0]).serve(settings)
        return 0
    module = importlib.import_module(f"sidecar.commands.{chosen.command}")
    match chosen.command:
        case "enroll":
            return module.run(settings, chosen.account)
        case "chat":
            return module.run(settings, chosen.account, chosen.text)
        case _:
            return module.run(settings)


if __name__ == "__main__":
    sys.exit(main())
