"""The language models: one gateway to an OpenAI-compatible API, and the writer without one."""
