"""The segments page: its data, sentences, tables and parts."""
