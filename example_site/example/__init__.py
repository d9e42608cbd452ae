"""A small site that sends chat messages."""
