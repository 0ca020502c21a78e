"""The provenance of texts as a file."""

from odoo import http
from odoo.http import request

GROUP = "ai_system.ai_system_group_user"
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


class Provenance(http.Controller):
    @http.route(
        "/semantic_product_description/provenance.<string:kind>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def provenance(self, kind, ids=""):
        """Give the versions `ids` (comma-separated), or all approved ones, as CSV or JSON.

        Only versions that the user may read; 404 for other kinds and for people without the group.
        """
        if kind not in TYPES or not request.env.user.has_group(GROUP):
            raise request.not_found()
        # Longer ones are no ids, and no database takes them.
        wanted = [int(part) for part in ids.split(",") if part.isdecimal() and len(part) < 10]
        domain = [("id", "in", wanted)] if ids else [("state", "=", "approved")]
        texts = request.env["product.ai.description"].search(domain)
        return request.make_response(
            texts._provenance_file(kind),
            [
                ("Content-Type", TYPES[kind]),
                ("Content-Disposition", http.content_disposition(f"provenance.{kind}")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
