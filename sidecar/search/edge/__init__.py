"""Qdrant's own engine in process: REST JSON translated to its types, collections kept on disk."""
