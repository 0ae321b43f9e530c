"""Corpora for base training. A new generator is one file here and one line below."""

from base_training.data import arithmetic, functions, instructions, mixture, passages

__all__ = ["arithmetic", "functions", "instructions", "mixture", "passages"]
