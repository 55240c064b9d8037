"""A real WMTS on a port of this machine, which can be told to die, to be slow, to talk rubbish or to send elsewhere."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.mapping.basemaps.made import GREEN, picture

MERCATOR = [(str(z), 559082264.0287178 / 2**z, "-20037508.3427892 20037508.3427892", 2**z, 2**z) for z in range(0, 15)]
# As 天地图 describes itself: 96 pixels to the inch, and the corner of Web Mercator the wrong way round.
HEAVEN = [
    (str(z), 295829355.4545656 / 2 ** (z - 1), "20037508.3427892 -20037508.3427892", 2**z, 2**z) for z in range(1, 15)
]
DEGREES = [(str(z), 295829355.4545656 / 2 ** (z - 1), "90.0 -180.0", 2**z, 2 ** (z - 1)) for z in range(1, 15)]


def capabilities(
    address: str, *, system: str = "urn:ogc:def:crs:EPSG::3857", levels: list[tuple] = MERCATOR, template: str = ""
) -> bytes:
    """What a service offers: one layer `vec` in one matrix set `set`."""
    matrices = "".join(
        f"<TileMatrix><ows:Identifier>{name}</ows:Identifier><ScaleDenominator>{scale}</ScaleDenominator>"
        f"<TopLeftCorner>{corner}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight>"
        f"<MatrixWidth>{wide}</MatrixWidth><MatrixHeight>{high}</MatrixHeight></TileMatrix>"
        for name, scale, corner, wide, high in levels
    )
    resource = f'<ResourceURL format="image/png" resourceType="tile" template="{template}"/>' if template else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"
 xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">
<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>
<ows:Get xlink:href="{address}"/></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>
<Contents><Layer><ows:Title>政务矢量底图</ows:Title><ows:Identifier>vec</ows:Identifier>
<ows:WGS84BoundingBox><ows:LowerCorner>115.4 39.2</ows:LowerCorner><ows:UpperCorner>117.6 41.1</ows:UpperCorner>
</ows:WGS84BoundingBox><Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style>
<Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>set</TileMatrixSet></TileMatrixSetLink>{resource}
</Layer><TileMatrixSet><ows:Identifier>set</ows:Identifier><ows:SupportedCRS>{system}</ows:SupportedCRS>
{matrices}</TileMatrixSet></Contents></Capabilities>""".encode()


class Served:
    """The service; `requests` are the paths and queries that came. `document` and `tile` can be exchanged."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.status = 200
        self.moved = ""
        self.stall: threading.Event | None = None
        self.tile: Callable[[dict[str, str]], bytes] = lambda _asked: picture(GREEN)
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.port = 0
        self.start()
        self.document = capabilities(self.address)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/vec/wmts"

    def start(self) -> None:
        """Begins to serve, on the port it had before if it had one."""
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service.answer(self)

            def log_message(self, *_words: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_words: object) -> None:
                """A client that left is none of our business."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def die(self) -> None:
        """Nobody listens any more, and connections that were kept open are cut."""
        if self._server is not None and self._thread is not None:
            if self.stall is not None:
                self.stall.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    @property
    def is_dead(self) -> bool:
        return self._server is None

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append(request.path)
        if self.is_dead:
            request.close_connection = True
            return
        if self.stall is not None:
            self.stall.wait(20)
            request.close_connection = True
            return
        asked = {name.lower(): value for name, value in parse_qsl(urlsplit(request.path).query)}
        if self.moved:
            body, status = b"", 302
        elif asked.get("request") == "GetCapabilities" or urlsplit(request.path).path.endswith(".xml"):
            body, status = self.document, self.status
        else:
            body, status = self.tile(asked), self.status
        request.send_response(status)
        if self.moved:
            request.send_header("Location", self.moved)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
