"""The doors: HTTP in, nothing slow behind them."""
