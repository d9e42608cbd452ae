"""
From a due row to a recorded outcome.

Lease a room, mark its next messages, post them with no transaction open, record what came of it.
Only the holder of the lease may record.
"""
