"""A language model as the judge of responses that no rule can score."""
