"""The web process: doors only."""

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication

from sidecar.credentials.resolver import CredentialResolver
from sidecar.errors import SidecarError
from sidecar.settings import Settings, get_settings
from sidecar.store.connection import RedisError
from sidecar.tenants.registry import PATIENCE, TenantRegistry
from sidecar.web import answers, chatwoot, erp, health, odoo
from sidecar.web.state import WebState

log = structlog.get_logger(__name__)


def create_app(settings: Settings) -> Flask:
    """The Flask app with all doors."""
    app = Flask("sidecar.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.json.sort_keys = False
    app.extensions["sidecar"] = WebState.build(settings)
    answers.install(app)
    for door in (chatwoot, odoo, erp, health):
        app.register_blueprint(door.blueprint)
    return app


class _Server(BaseApplication):
    def __init__(self, settings: Settings):
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        chosen = {
            "bind": f"{self.settings.bind}:{self.settings.port_base}",
            "worker_class": "gthread",
            "workers": self.settings.web_workers,
            "threads": self.settings.web_threads,
            "keepalive": 30,
            "timeout": 30,
            "graceful_timeout": 10,
            "proc_name": "sidecar web",
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        get_settings.cache_clear()  # after a reload (SIGHUP) changed settings count
        return create_app(get_settings())


def _publish_tenants(settings: Settings) -> None:
    # what Redis holds of the tenants is derived: after it was emptied, the YAML tree refills it
    try:
        resolve = CredentialResolver.from_settings(settings).resolve
        tenants = TenantRegistry.from_settings(settings, resolve)
        # with tenants published the door opens at once, also when a killed writer's lease stands;
        # without any, an open door would refuse messages that nobody repeats
        done = tenants.publish_all(1.0 if tenants.accounts() else PATIENCE)
    except (SidecarError, RedisError) as error:
        log.error("tenants.not_published", error=str(error))
    else:
        log.info("tenants.published", count=len(done.accounts), problems=len(done.problems))


def serve(settings: Settings) -> None:
    """Run gunicorn until it is told to stop."""
    _publish_tenants(settings)
    _Server(settings).run()
