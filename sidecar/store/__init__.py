"""Redis: key names, connections and the transactions that keep promises."""
