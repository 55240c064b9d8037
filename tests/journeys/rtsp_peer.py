"""Debian's RTSP server, run with the system's Python: `rtsp_peer.py PORT name=clip.h264@fps …`; says `ready`.

A name that ends in `-udp` is sent in datagrams only.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402  # the versions must be chosen first

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
for stream in sys.argv[2:]:
    name, _, clip = stream.partition("=")
    path, _, rate = clip.rpartition("@")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( multifilesrc location={path} loop=true caps=video/x-h264,stream-format=byte-stream,framerate={rate} "
        "! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
    )
    factory.set_shared(True)
    if name.endswith("-udp"):
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    server.get_mount_points().add_factory(f"/{name}", factory)
if not server.attach(None):
    sys.exit(f"port {sys.argv[1]} is taken")
sys.stdout.write("ready\n")
sys.stdout.flush()
GLib.MainLoop().run()
