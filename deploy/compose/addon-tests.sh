#!/bin/bash
# Profile "test": the addons' tests inside the odoo image. Tours need a browser, which the image
# lacks: `make test` runs them.
set -euo pipefail
modules=$(cd /mnt/extra-addons && printf '%s\n' */__manifest__.py | xargs -n1 dirname | paste -sd,)
log=$(mktemp)
/entrypoint.sh odoo -d chatwootai_test -i "$modules" --load-language=pt_BR --stop-after-init \
    --http-port=8169 --test-tags="$(sed 's#[^,]*#/&#g' <<<"$modules"),-/*:HttpCase" 2>&1 | tee "$log"
grep -qE '0 failed, 0 error\(s\) of [1-9][0-9]* tests' "$log"
