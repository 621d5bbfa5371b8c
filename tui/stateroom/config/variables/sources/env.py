"""Source `${env:NAME}`: the environment, completed by `.env.<stage>` and `.env` next to the document."""

from __future__ import annotations

import re
from typing import Final

from stateroom.config.document.user_files import read_user_text
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.outside import check_inside
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.errors import TrustError
from stateroom.model.values import Value

_LARGEST: Final = 1_000_000  # bytes of a .env file
_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*
    (?: '([^']*)' | "((?:[^"\\]|\\.)*)" | ([^#\r\n]*) )[ \t]*+(?:\#[^\n]*)?$""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)

# A variable may go into the address of another one, and so anywhere. No service needs these.
NEVER: Final = frozenset(
    {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "STATEROOM_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE"}
)
_NEVER_TODO: Final = "give the service what it needs by a variable of another name"


def env(lookup: Lookup) -> Value:
    """Return the variable's text; the process environment wins over the files."""
    name = lookup.address
    if name in NEVER:
        raise ExpressionError(f"${{env:{name}}} is not read: it is the key to your account or states", _NEVER_TODO)
    if name in lookup.scope.environment:
        return lookup.scope.environment[name]
    if lookup.scope.dotenv is None:
        lookup.scope.dotenv = _read_files(lookup)
    return lookup.scope.dotenv.get(name, MISSING)


def _read_files(lookup: Lookup) -> dict[str, str]:
    scope, resolver = lookup.scope, lookup.resolver
    use = resolver.document.value.get("useDotenv", True) if isinstance(resolver.document.value, dict) else True
    if use is False:
        return {}
    found: dict[str, str] = {}
    scope.dotenv = {}  # provider.stage may itself ask for ${env:…}
    for name in (f".env.{scope.stage_of(resolver)}", ".env"):
        try:
            check_inside(resolver.directory / name, lookup)
            text = read_user_text(resolver.directory / name, _LARGEST)
        except (OSError, ValueError):
            continue
        except TrustError:
            scope.dotenv = None  # the next variable asks again
            raise
        for key, value in parse_dotenv(text).items():
            found.setdefault(key, value)
    return found


def parse_dotenv(text: str) -> dict[str, str]:
    """Parse a .env file: `export`, quotes and comments as in shells; no expansion."""
    values: dict[str, str] = {}
    for match in _LINE.finditer(text):
        name, single, double, bare = match.groups()
        if double is not None:
            value = re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), double)
        else:
            value = single if single is not None else bare.strip()
        values[name] = value
    return values
