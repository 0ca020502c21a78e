"""What a text claims of a product, and whether the facts say so. Pure code, no model."""
