"""The attributions page: choices, data, sentences, tables and views."""
