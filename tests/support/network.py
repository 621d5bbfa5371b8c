"""A guard around sockets: loopback and nothing else."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any


class LoopbackOnly:
    """Wraps connecting and resolving; remembers every attempt to go further than this machine in `escapes`."""

    def __init__(self) -> None:
        self.escapes: list[str] = []

    def around(self, connect: Callable[..., Any]) -> Callable[..., Any]:
        """`socket.connect` or `connect_ex`, for loopback addresses and unix sockets only."""

        def guarded(sock: Any, address: Any) -> Any:
            if isinstance(address, tuple) and not is_loopback(address[0]):
                self._refuse(f"{address[0]}:{address[1]}")
            return connect(sock, address)

        return guarded

    def resolving(self, getaddrinfo: Callable[..., Any]) -> Callable[..., Any]:
        """`socket.getaddrinfo`, for names of this machine only: a look-up leaves the machine as well."""

        def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
            if host is not None and not is_loopback(host):
                self._refuse(str(host))
            return getaddrinfo(host, *args, **kwargs)

        return guarded

    def _refuse(self, where: str) -> None:
        self.escapes.append(where)
        raise ConnectionRefusedError(f"tests stay on this machine; refused to reach {where}")


def is_loopback(host: str | bytes) -> bool:
    """Whether a host, as handed to `connect`, is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
