"""Moves steerable cameras: by ONVIF, or through a platform in the manner of GB/T 28181."""
