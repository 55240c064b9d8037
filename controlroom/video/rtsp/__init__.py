"""Reads cameras by RTSP (RFC 2326) without avformat: a picture is whole when its last packet came, not its next one."""
