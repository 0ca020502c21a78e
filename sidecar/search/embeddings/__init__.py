"""Dense vectors: an OpenAI-compatible API, or the packaged English model."""
