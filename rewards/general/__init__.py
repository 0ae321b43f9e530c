"""Verifiers that belong to no single domain."""
