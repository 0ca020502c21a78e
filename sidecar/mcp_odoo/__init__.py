"""The tool core for any MCP client: streamable HTTP with bearer keys, or stdio for the operator."""
