"""`sidecar`: the one command-line program. Each process and each errand is a sub-command."""

import argparse
import importlib
import sys
from pathlib import Path

from sidecar.commands import erp_arguments
from sidecar.errors import SidecarError
from sidecar.observability.logging import configure_logging
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
    _add_credentials(commands.add_parser("credentials", help="secrets of trees without Odoo"))
    served = commands.add_parser("mcp", help="the tools for MCP clients (docs/mcp.md)")
    served.add_argument("--stdio", action="store_true", help="serve the program that starts it")
    served.add_argument("--account", help="with --stdio: the account it is bound to")
    served.add_argument("--write", action="store_true", help="with --stdio: writing tools too")
    erp_arguments.add(commands.add_parser("erp", help="ERPs that send (docs/erp-client.md)"))
    commands.add_parser("doctor", help="check every part and say what to do")
    _add_demo(commands.add_parser("demo", help="fill a tenant's Odoo with products to try"))
    _add_search(
        commands.add_parser("search", help="measure the search on a catalog, or forget a tenant")
    )
    _add_eval(commands.add_parser("eval", help="hold written conversations and score the answers"))
    _add_contacts(commands.add_parser("contacts", help="what is remembered of customers"))
    _add_tenants(commands.add_parser("tenants", help="the tenants' YAML tree, and who serves what"))
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except SidecarError as error:
        print(f"sidecar {chosen.command}: {error.message}", file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    # modules load late: `sidecar enroll` must not wait for crewai
    settings = get_settings()
    if chosen.command in _PROCESSES or chosen.command == "mcp":
        configure_logging(settings.log_level, chosen.command)
    else:
        configure_logging("warning", chosen.command)  # an errand says itself what it did
    if chosen.command in _PROCESSES:
        importlib.import_module(_PROCESSES[chosen.command][0]).serve(settings)
        return 0
    module = importlib.import_module(f"sidecar.commands.{chosen.command}")
    match chosen.command:
        case "enroll":
            return module.run(settings, chosen.account)
        case "chat":
            return module.run(settings, chosen.account, chosen.text)
        case "credentials":
            named = vars(chosen)
            return module.run(
                settings, chosen.verb, named.get("account") or "", named.get("ref") or ""
            )
        case "search" if chosen.verb == "forget":
            return module.forget(settings, chosen.account, chosen.prefix)
        case "search":
            asked = module.Evaluation(
                chosen.products,
                chosen.queries,
                chosen.language,
                chosen.run,
                chosen.top,
                chosen.queries_without_accents,
                chosen.anew,
            )
            return module.run(settings, asked)
        case "eval":
            return module.run(
                settings, module.Asked(chosen.account, chosen.folder, chosen.phone, chosen.least)
            )
        case "mcp":
            return module.run(settings, chosen.stdio, chosen.account, chosen.write)
        case "demo":
            password = chosen.password_file or settings.local_dir / "admin-password"
            named = (chosen.file, chosen.account, chosen.most, chosen.login)
            return module.import_catalog(settings, module.Import(*named, password))
        case "erp":
            return module.run(settings, chosen.verb, erp_arguments.told(chosen))
        case "contacts":
            return module.forget(settings, chosen.account, chosen.channel, chosen.contact)
        case "tenants":
            return module.run(settings, chosen.verb, vars(chosen).get("argument"))
        case _:
            return module.run(settings)


def _add_credentials(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, text in (
        ("set", "keep a secret, typed or from a pipe, as ciphertext in credentials.yaml"),
        ("remove", "take a secret out of credentials.yaml"),
    ):
        one = verbs.add_parser(verb, help=text)
        one.add_argument("account", help="account id, such as account_1")
        one.add_argument("ref", help="the reference, such as erp_api_key")
    listing = verbs.add_parser("list", help="references and fingerprints, never a value")
    listing.add_argument("account", nargs="?", help="only this account's")
    verbs.add_parser("rotate", help="encrypt everything with the first key of SECRET_KEY")


def _add_demo(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("import-catalog", help="products of JSON lines (docs/studio.md)")
    verb.add_argument("file", type=Path, help="JSON lines, also .gz")
    verb.add_argument("--account", default="account_1", help="whose company gets them")
    verb.add_argument("--most", type=int, default=0, help="products from the beginning; 0: all")
    verb.add_argument("--login", default="admin", help="who may create products in Odoo")
    verb.add_argument("--password-file", type=Path, help="of that person; the house's otherwise")


def _add_search(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("forget", help="remove what search keeps of a tenant that has gone")
    verb.add_argument("account")
    verb.add_argument("--prefix", help="of its keys, where it was not the account id")
    verb = verbs.add_parser(
        "eval", help="index a catalog, ask its queries, write a run (docs/search.md)"
    )
    verb.add_argument("--products", type=Path, required=True, help="JSON lines, also .gz")
    verb.add_argument("--queries", type=Path, required=True, help="JSON lines: id, text")
    verb.add_argument("--language", default="en", help="of products and queries (en, pt_BR)")
    verb.add_argument("--run", type=Path, required=True, help="query, product, rank, score")
    verb.add_argument("--top", type=int, default=50, help="products for a query")
    verb.add_argument("--queries-without-accents", action="store_true", help="as typed in haste")
    verb.add_argument("--anew", action="store_true", help="use no embedding made before")


def _add_eval(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("conversations", help="YAML files of docs/conversations.md")
    verb.add_argument("--account", required=True, help="account id, such as account_1")
    verb.add_argument("--folder", type=Path, default=Path("tests/conversations"))
    verb.add_argument("--phone", default="", help="a customer's number that counts as proven")
    verb.add_argument("--least", type=float, default=0.9, help="share that must be right")


def _add_contacts(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("forget", help="erase a customer everywhere and print the receipt")
    one.add_argument("account", help="account id, such as account_1")
    one.add_argument("channel", type=int, help="id of the channel")
    one.add_argument("contact", type=int, help="Chatwoot's number of the contact")


def _add_tenants(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("check", help="read every file; print file, key and error")
    one.add_argument("argument", nargs="?", metavar="folder", help="instead of CONFIG_DIR")
    verbs.add_parser("list", help="the published tenants")
    verbs.add_parser("publish", help="use the tree as it is now, after editing it by hand")
    one = verbs.add_parser("routes", help="which crew serves which action and which inbox, and why")
    one.add_argument("argument", nargs="?", metavar="account", help="only this account")


if __name__ == "__main__":
    sys.exit(main())
