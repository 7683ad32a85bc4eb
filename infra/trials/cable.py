"""A network that can be cut: an HTTP proxy on this machine through which a command fetches its packages."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from urllib.parse import urlsplit


class Cable:
    """``url`` is for ``https_proxy``; after ``limit`` bytes it is cut: open connections break, new ones are refused."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.is_cut = threading.Event()
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """From now on nothing passes."""
        self.is_cut.set()
        for one in [self._server, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while not self.is_cut.is_set():
            with contextlib.suppress(OSError):
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        with contextlib.suppress(OSError, ValueError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                part = client.recv(65_536)
                if not part:
                    return
                head += part
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            address = urlsplit(f"//{target}" if method == "CONNECT" else target)
            port = address.port or (443 if method == "CONNECT" else 80)
            with socket.create_connection((address.hostname or "", port), timeout=30) as far:
                self._open.add(far)
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                else:
                    path = f"{address.path or '/'}{'?' + address.query if address.query else ''}"
                    far.sendall(head.replace(target.encode(), path.encode(), 1))
                self._pass_on(client, far)
                self._open.discard(far)
        self._open.discard(client)

    def _pass_on(self, client: socket.socket, far: socket.socket) -> None:
        while not self.is_cut.is_set():
            ready, _, _ = select.select([client, far], [], [], 60)
            if not ready:
                return
            for one in ready:
                data = one.recv(65_536)
                if not data:
                    return
                (client if one is far else far).sendall(data)
                self.left -= len(data)
                if self.left <= 0:
                    self.cut()
                    return
