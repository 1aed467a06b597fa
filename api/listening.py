"""The address the web process listens on."""

import errno
import socket


class PortTakenError(OSError):
    """Another process listens on the address; the text says so in one line."""


def bind(host: str, port: int) -> socket.socket:
    """A listening address. IPPROTO_TCP, or asyncio never sets TCP_NODELAY and every answer waits 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"Port {port} is taken: stop what uses it or choose another with --port") from error
        raise
    return listener
