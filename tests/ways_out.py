"""What a hostile page or name would try: ways to reach another machine, and a name that would like to run."""

import socket
import threading

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>{{7*7}}'
"""A name that would run in a page which takes it for HTML."""


class Listener:
    """Counts what reaches a TCP and a UDP port of this machine."""

    def __init__(self) -> None:
        self.reached = 0
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._threads = [threading.Thread(target=self._accept), threading.Thread(target=self._receive)]
        for thread in self._threads:
            thread.start()

    def _accept(self) -> None:
        while True:
            connection, _peer = self._tcp.accept()
            greeting = connection.recv(3)
            connection.close()
            if greeting == b"END":
                return
            self.reached += 1

    def _receive(self) -> None:
        while self._udp.recv(2000) != b"END":
            self.reached += 1

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(b"END")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"END", ("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join()
        self._tcp.close()
        self._udp.close()


_TOOLS = """
  const http = 'http://HOST/';
  const made = (name, values) => Object.assign(document.createElement(name), values);
  const tag = (name, values) => document.head.append(made(name, values));
  const settled = [];
  const attempt = (work) => settled.push(Promise.resolve().then(work).catch(() => 0));
"""

WAYS = (
    "() => fetch(http)",
    "() => navigator.sendBeacon(http)",
    "() => new Promise((done) => Object.assign(new Image(), {onerror: done, onload: done, src: http + 'a.png'}))",
    "() => new Promise((done) => Object.assign(new WebSocket('ws://HOST/'), {onerror: done, onopen: done}))",
    "() => new Promise((done) => Object.assign(new EventSource(http), {onerror: done, onopen: done}))",
    "() => { const x = new XMLHttpRequest(); x.open('GET', http); x.send(); }",
    "() => new WebTransport('https://HOST/').ready",
    "() => window.open(http)",
    "() => import(http + 'm.js')",
    "() => new Worker(http + 'w.js')",
    """async () => {
    const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:HOST'}]});
    peer.createDataChannel('x');
    await peer.setLocalDescription(await peer.createOffer());
  }""",
    "() => tag('link', {rel: 'preconnect', href: http})",
    "() => tag('link', {rel: 'dns-prefetch', href: http})",
    "() => tag('link', {rel: 'stylesheet', href: http + 'c.css'})",
    "() => tag('script', {src: http + 's.js'})",
    "() => document.body.append(made('iframe', {src: http}))",
    "() => document.body.append(made('video', {src: http + 'v.mp4'}))",
    "() => { const form = document.body.appendChild(made('form', {action: http})); form.submit(); }",
    "() => document.body.append(made('object', {data: http + 'o.svg'}))",
    "() => { document.body.style.backgroundImage = `url(${http}b.png)`; }",
    "() => { location.href = http; }",
)
"""Twenty-one ways from a page to HOST, each a function."""


def way_out(number: int, host: str) -> str:
    """A script that tries one of them."""
    return f"(() => {{ {_TOOLS} attempt({WAYS[number]}); }})()".replace("HOST", host)


WAYS_OUT = f"""(async () => {{ {_TOOLS}
  {" ".join(f"attempt({way});" for way in WAYS)}
  await Promise.race([Promise.all(settled), new Promise((done) => setTimeout(done, 1500))]);
  controlroom.room.channel.ponged(4711);
}})()"""
"""All of them; the page of the map tells the number 4711 when they are tried."""
