"""What libraries do anew for every test is done once a process. What they answer stays the same.

- botocore finds, parses and copies the description of a service for every session, and every command of ours opens one.
- botocore looks for the newer name of each event of each session.
- moto puts the addresses and the operations of a service together for every call, and reloads a module of S3's to do
  it.
- `fsync` waits for the disk. Tests kill processes, not machines, and what a killed process wrote is there without it.
"""

from __future__ import annotations

import copy
import os
import pickle
import sys
from collections.abc import Callable, Hashable
from typing import Any

import botocore.hooks
import botocore.loaders
import botocore.session

MOTO = "moto.core.base_backend"


def work_out_once() -> None:
    """Change the libraries of this process. moto only if a test module has imported it, which takes a second."""
    loader = botocore.loaders.JSONFileLoader
    # A description of its own for each loader: botocore's changes paths of S3's in place, moto's adds operations.
    kept = remembered(lambda self, path: pickle.dumps(read(self, path), 5), lambda _, path: path)
    read, loader.load_file = loader.load_file, lambda self, path: pickle.loads(kept(self, path))
    # Copies of one loader have what it has loaded in common, as the clients of one session always have.
    shared = remembered(botocore.loaders.create_loader, lambda search_path=None: search_path)
    botocore.session.create_loader = lambda search_path=None: copy.copy(shared(search_path))
    aliaser = botocore.hooks.EventAliaser
    aliaser._alias_event_name = remembered(aliaser._alias_event_name, lambda _, name: name)
    if MOTO in sys.modules:
        backend = sys.modules[MOTO].BaseBackend
        backend.urls = property(remembered(backend.urls.fget, type))
        responses: Any = sys.modules["moto.core.responses"]
        responses.method_names_from_class = remembered(responses.method_names_from_class, lambda kind: kind)
    os.fsync = open_at_least


def remembered(work: Callable[..., Any], key: Callable[..., Hashable]) -> Callable[..., Any]:
    """The function, which works once for each key that its arguments have."""
    known: dict[Hashable, Any] = {}

    def ask(*arguments: Any) -> Any:
        found = known.get(key(*arguments))
        if found is None:
            found = known[key(*arguments)] = work(*arguments)
        return found

    return ask


def open_at_least(fd: Any) -> None:
    """In place of fsync: refuse what is no open file, and wait for nothing."""
    os.fstat(fd if isinstance(fd, int) else fd.fileno())
