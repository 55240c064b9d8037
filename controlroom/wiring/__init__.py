"""The composition root's hands: each module connects one kind of panel to what the seat holds."""
