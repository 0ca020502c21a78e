"""Installs and runs the house without Docker: stdlib-only, Debian 12's python3.11."""
