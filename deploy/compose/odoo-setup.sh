#!/bin/bash
# Installs our addons on the first start, upgrades them on the next ones, then ends.
set -euo pipefail
modules=$(cd /mnt/extra-addons && printf '%s\n' */__manifest__.py | xargs -n1 dirname | paste -sd,)
/entrypoint.sh odoo -d chatwootai -i "$modules" -u "$modules" --load-language=pt_BR \
    --stop-after-init --no-http
/entrypoint.sh odoo shell -d chatwootai --no-http </deploy/odoo-prepare.py
/entrypoint.sh odoo shell -d chatwootai --no-http --log-level=error </deploy/odoo-verify.py \
    | grep -qx prepared
