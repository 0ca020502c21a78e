from odoo.exceptions import UserError

from . import vault


class VaultUnavailable(UserError, vault.VaultError):
    """A secret can be neither kept nor used now; the text says what to do."""
