"""Ways out: one module a service, each with a class ``HipChatBackend``."""
