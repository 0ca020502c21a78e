"""Hybrid product search: dense and sparse vectors, Qdrant, and the queries people type."""
