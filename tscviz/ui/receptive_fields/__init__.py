"""The page Receptive fields: what its figures show, and the sentences around them."""
