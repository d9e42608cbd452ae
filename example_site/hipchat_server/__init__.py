"""
A local HipChat server: what is sent to its API is stored, and shown on a wall in the browser.

A Django project of its own, with its own database, run in its own process by
``run_hipchat_server.py``. It shares nothing with the package but the protocol.
"""
