# Two commands: `make up` runs everything on this machine, `make test` checks everything.
# docs/operations.md says what they do. Ports: make up PORT_BASE=9000 ODOO_PORT=9069
export PORT_BASE ODOO_PORT ODOO_BIN TEST_PORT_BASE TEST_ODOO_PORT P ROWS MINUTES
PYTHON3 := $(firstword $(wildcard /usr/bin/python3.11) python3)
VERBS := up down status logs clean distclean test lint test-unit test-addons test-e2e test-faults load bench \
	rotate-keys lock

.PHONY: help $(VERBS)
help:
	@echo "make up         install what is missing and start everything (again: upgrade, restart)"
	@echo "make down       stop it; data stays          make status   what runs, and how well"
	@echo "make logs       follow the logs (P=worker)   make clean    remove data (distclean: all)"
	@echo "make test       lint test-unit test-addons test-e2e, each also alone"
	@echo "make test-faults  every trouble of every peer, with both brokers"
	@echo "make load       the highest rate of answers, for 5 minutes, then a burst (MINUTES=1)"
	@echo "make bench      measure speed                make lock     renew the lock files"
	@echo "make rotate-keys  new encryption keys in front of the old ones"

$(VERBS):
	@$(PYTHON3) deploy/house.py $@
