"""Thematic layers from files: GeoJSON, Shapefile, GeoPackage and CSV, read and cut into tiles by a process apart.

Strangers' files are parsed beside the window's process: one that takes long, or that ends its reader, costs the officer
one layer. `worker` is that process, `messages` what is said to it, `sheet` a layer that was read.
"""
