"""The attention page: its data, sentences, tables and parts."""
