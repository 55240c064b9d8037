"""The control room of a district: a hub owns the truth, seats mirror it, widgets draw it, plugins add to it."""

__version__ = "0.1.0"
