"""What the page "Classify your CSV" is put together from."""
