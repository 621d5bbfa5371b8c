"""The environment of children: a list of what is let through, so that no credential and no passphrase gets there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stateroom.programs.known import Program, clean_path

_EVERY: Final = frozenset(
    {
        # who and where
        *("HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "SYSTEMROOT", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
        # how the network is reached
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        # whom to believe there
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE"),
    }
)
_EVERY_PREFIX: Final = "LC_"
_PATHS: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# What an editor on the user's own terminal does without.
_SECRET_PREFIXES: Final = ("AWS_", "STATEROOM_", "PULUMI_", "SST_", "CLOUDFLARE_", "SLS_", "SERVERLESS_")


def child_environment(environment: Mapping[str, str], program: Program, outside: Path) -> dict[str, str]:
    """Return the variables of a program: those of every program, its own, and paths without the project's directories.

    Args:
        environment: the user's.
        program: its job needs `program.variables`.
        outside: the project's directory.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name in _EVERY or name in program.variables or name.startswith(_EVERY_PREFIX)
    }
    lists = {name: clean_path(environment.get(name, ""), outside) for name in _PATHS}
    lists["PATH"] = lists["PATH"] or clean_path(os.defpath, outside)
    return kept | {name: os.pathsep.join(entries) for name, entries in lists.items() if entries}


def editor_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the user's environment without credentials and passphrases, for a program on the user's own terminal."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(_SECRET_PREFIXES)}
