"""Tenants: their documents, the YAML tree they live in, and what is published of them."""
