"""Checks the tool calls of a response, in the format that the model writes them, against the possible answers."""
