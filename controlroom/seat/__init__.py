"""The workstation's side of the wire: a link that never lies about itself, and the mirror of the hub."""
