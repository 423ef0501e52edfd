"""Attributions that hide features of a case, stretches of it, and watch the score."""
