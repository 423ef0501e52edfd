"""What the pages that open a model up have in common."""
