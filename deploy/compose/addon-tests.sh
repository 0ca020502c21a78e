#!/bin/bash
# Profile "test": the addons' tests inside the odoo image. It has no browser: Odoo skips the tours
# there, `make test` runs them.
set -euo pipefail
modules=$(cd /mnt/extra-addons && printf '%s\n' */__manifest__.py | xargs -n1 dirname | paste -sd,)
log=$(mktemp)
/entrypoint.sh odoo -d chatwootai_test -i "$modules" --load-language=pt_BR --stop-after-init \
    --http-port=8169 --test-tags="/${modules//,/,/}" 2>&1 | tee "$log"
grep -qE '0 failed, 0 error\(s\) of [1-9][0-9]* tests' "$log"
