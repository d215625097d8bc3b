"""A class in the browser: the server, its two pages, and the worker that makes feedback."""
