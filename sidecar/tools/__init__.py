"""What crews may do beyond talking: the tools, and the registry of their names."""
