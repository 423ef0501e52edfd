"""The occlusion page: its data, sentences, tables and parts."""
