"""The What-if page: one case that can be changed, and what the model makes of the change."""
