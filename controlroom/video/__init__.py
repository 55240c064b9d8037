"""Live video without a user interface: streams, their states, and pictures ready to be painted."""
