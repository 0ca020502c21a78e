"""What a person types: `sidecar <command>`."""
