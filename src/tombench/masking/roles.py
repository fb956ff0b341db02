"""What requests call the masks of a model."""

UNMASKED = ""
"""The role of the model as it is."""
