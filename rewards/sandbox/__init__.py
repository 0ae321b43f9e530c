"""Runs what nobody has read: fresh, confined processes that can reach nothing and that leave nothing behind."""
