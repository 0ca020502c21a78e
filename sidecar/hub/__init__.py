"""The Hub: which tenant, which crew, and the life of a conversation."""
