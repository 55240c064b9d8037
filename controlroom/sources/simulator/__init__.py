"""A simulated district: sensors, cameras, vehicles and foreign backends that feed a hub as real ones would."""
