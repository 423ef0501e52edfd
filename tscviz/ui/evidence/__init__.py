"""What the page Evidence is made of."""
