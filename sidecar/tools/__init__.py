"""The tool core: what crews, MCP clients and the playground may do with a tenant's data.

`run` of `dispatch` calls a tool by its name, `REGISTRY` of `registry` describes them all, and
`ToolContext` says for whom they work (docs/tools.md).
"""
