# Odoo's own image, and what our addons need beside it.
FROM odoo:19.0
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-yaml \
    && rm -rf /var/lib/apt/lists/*
USER odoo
