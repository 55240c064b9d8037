"""Servers that say what no camera should."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket], None]


@contextmanager
def answering(answer: Answer) -> Iterator[int]:
    """A TCP server that gives each connection to `answer` and then closes it; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_now: set[socket.socket] = set()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            open_now.add(connection)
            try:
                connection.settimeout(10.0)
                answer(connection)
            except OSError:
                pass  # the client went away
            finally:
                open_now.discard(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # the test is over
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in tuple(open_now):
            with suppress(OSError):  # the client may have left it already
                connection.shutdown(socket.SHUT_RDWR)
        acceptor.join()
        for thread in threads:
            thread.join()


def http(*chunks: bytes, kind: str = "video/mp2t") -> Answer:
    """Answers any request with these bytes and the end."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode())
        for chunk in chunks:
            connection.sendall(chunk)

    return answer


def status(line: str) -> Answer:
    """Answers any request with this status."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


def silence(connection: socket.socket) -> None:
    """Takes the connection and says nothing until the client leaves."""
    while connection.recv(4096):
        pass
