"""HTTP to addresses that a tenant chose: private networks are refused on the connected socket."""
