"""Who hears how far a run is: everybody who may read it and has it open."""

import re

from odoo import models

CHANNEL = re.compile(r"ai\.product\.run_([0-9]{1,9})")


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Put the runs that a browser names, and its user may read, in place of their names."""
        named = {name: CHANNEL.fullmatch(name) for name in channels if isinstance(name, str)}
        ids = [int(match[1]) for match in named.values() if match]
        channels = [name for name in channels if not named.get(name)]
        runs = self.env["ai.product.run"]
        if ids and runs.has_access("read"):
            channels += runs.search([("id", "in", ids)])
        return super()._build_bus_channel_list(channels)
