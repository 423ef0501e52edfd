"""Attributions from gradients, through Captum: one method a file."""
