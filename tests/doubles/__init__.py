"""Doubles of outside systems that speak the real protocol over a real socket."""
