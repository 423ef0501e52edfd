"""The parts of the page Planted truth."""
