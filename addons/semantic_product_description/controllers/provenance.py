"""The provenance of texts as a file."""

import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import request

GROUP = "ai_system.ai_system_group_user"
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
IN_MEMORY = 1_000_000  # bytes; a larger file waits on the disk until it was sent


class Provenance(http.Controller):
    @http.route(
        "/semantic_product_description/provenance.<string:kind>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def provenance(self, kind, ids="", request_id=""):
        """Give the versions `ids` (comma-separated), or all approved ones, as CSV or JSON.

        request_id: an ai.provenance.request of this user instead. Only versions that the user may
        read; 404 for other kinds, other people's requests, and people without the group.
        """
        if kind not in TYPES or not request.env.user.has_group(GROUP):
            raise request.not_found()
        texts = self._asked(request_id) if request_id else self._named(ids)
        # Written to its end before it is sent: the cursor is closed by then.
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # closed with the answer
        for piece in texts._provenance_file(kind):
            file.write(piece.encode())
        size = file.tell()
        file.seek(0)
        answer = request.make_response(
            wrap_file(request.httprequest.environ, file),
            [
                ("Content-Type", TYPES[kind]),
                ("Content-Length", str(size)),
                ("Content-Disposition", http.content_disposition(f"provenance.{kind}")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
        answer.direct_passthrough = True
        return answer

    def _named(self, ids):
        # Longer ones are no ids, and no database takes them.
        wanted = [int(part) for part in ids.split(",") if part.isdecimal() and len(part) < 10]
        domain = [("id", "in", wanted)] if ids else [("state", "=", "approved")]
        return request.env["product.ai.description"].search(domain)

    def _asked(self, request_id):
        number = int(request_id) if request_id.isdecimal() and len(request_id) < 10 else 0
        asked = request.env["ai.provenance.request"].search([("id", "=", number)])
        if not asked:
            raise request.not_found()
        return asked._texts()
