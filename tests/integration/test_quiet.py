"""The house talks to nobody outside, and the doors never load crewai."""

import json
import subprocess
import sys

_CREW = """
import json, sys
seen = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        seen.append(str(arguments[1] if event == "socket.connect" else arguments[0]))
sys.addaudithook(watch)

from sidecar.crews.conversation import ConversationCrew
from sidecar.crews.definition import build
from sidecar.crews.product_management import ProductManagementCrew
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.base import Declines
from sidecar.settings import Settings
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document
from tests.facts import product_facts

class Erp(Declines):
    name = "odoo"

    def product_facts(self, ids, lang=None):
        return [product_facts(id=i) for i in ids]

tenant = parse_tenant(tenant_document())
proxy = DataProxyAgent(tenant.context, Erp(), None)
settings = Settings(_env_file=None)
talking, writing = build(tenant, "customer_service"), build(tenant, "product_management")
reply = ConversationCrew(talking, tenant, proxy, None, settings).answer("oi", [])
writer = ProductManagementCrew(writing, tenant, proxy, None, settings)
text = writer.generate_description({"product_id": 5})
print(json.dumps({"seen": seen, "reply": reply.text, "text": text["short_description"]}))
"""


def test_a_crew_runs_without_any_connection() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CREW], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert "Casa Teste" in told["reply"]
    assert told["text"].startswith("Sofá de 3 lugares")
    assert told["seen"] == []


def test_the_doors_load_neither_crewai_nor_actors() -> None:
    program = (
        "import sys, sidecar.app, sidecar.tasks.scheduler, sidecar.search.edge_server;"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'crewai', 'lancedb'}),"
        " 'sidecar.tasks.actors' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] False"
