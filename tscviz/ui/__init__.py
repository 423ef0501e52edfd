"""The browser app: navigation, page frame, shared selection, caches, escaping, downloads."""
