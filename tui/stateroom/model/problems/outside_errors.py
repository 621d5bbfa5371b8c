"""Errors from outside the program (disk, terminal, AWS configuration) as a reason and a way out, for people.

An error that is not in these tables is a programming error. AWS's own client errors are recognised by the names of
their classes, so that botocore need not be imported.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Final, TypeAlias

from stateroom.model.problems.aws_errors import AGAIN, KEYS, SIGN_IN

Explanation: TypeAlias = tuple[str, str]
"""(reason, what to do)"""

_ENDPOINT: Final = "check the network connection, --region and --endpoint-url (AWS_ENDPOINT_URL)"
_CONFIGURATION: Final = "correct ~/.aws/config (AWS_CONFIG_FILE), or choose another profile with --profile"

# By class name. First match in the class's ancestry, so a special case goes before its base.
_CLIENT: Final[Mapping[str, Explanation]] = {
    "NoCredentialsError": (
        "no AWS credentials were found",
        "run aws configure or aws sso login, or name a profile with --profile (AWS_PROFILE)",
    ),
    "PartialCredentialsError": ("the AWS credentials are incomplete", KEYS),
    "CredentialRetrievalError": ("the AWS credentials could not be had", SIGN_IN),
    "SSOError": ("there is no AWS sign-in session, or it has ended", SIGN_IN),
    "TokenRetrievalError": ("there is no AWS sign-in session, or it has ended", SIGN_IN),
    "LoginError": ("there is no AWS sign-in session, or it has ended", SIGN_IN),
    "ProfileNotFound": ("the AWS profile does not exist", "choose one that aws configure list-profiles shows"),
    "ConfigParseError": ("the AWS configuration cannot be read", _CONFIGURATION),
    "ConfigNotFound": ("the AWS configuration cannot be read", _CONFIGURATION),
    "InvalidConfigError": ("the AWS configuration is not valid", _CONFIGURATION),
    "NoRegionError": ("no AWS region is set", "set provider.region in serverless.yml, or use --region (AWS_REGION)"),
    "InvalidRegionError": ("that is no AWS region", "correct provider.region in serverless.yml, or --region"),
    "SSLError": (
        "the endpoint's certificate is not trusted",
        "check the clock of this machine, the proxy, and AWS_CA_BUNDLE",
    ),
    "ProxyConnectionError": ("the proxy cannot be reached", "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
    "InvalidProxiesConfigError": ("the proxy's address is not valid", "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
    "ConnectionError": ("the cloud's endpoint cannot be reached", _ENDPOINT),
    "InvalidEndpointConfigurationError": ("the endpoint's address is not valid", _ENDPOINT),
    "HTTPClientError": ("the connection to the cloud broke", f"{_ENDPOINT}; then {AGAIN}"),
    "ResponseParserError": ("what answered does not speak AWS's language", _ENDPOINT),
    "WebPageError": (
        "a web page answered in the place of AWS",
        "check --endpoint-url (AWS_ENDPOINT_URL), the proxy, and whether this network wants a sign-in",
    ),
    "ParamValidationError": ("a property has a value that the API does not take", "correct it in the config"),
    "BotoCoreError": ("AWS's client library could not make the call", f"{_CONFIGURATION}; then {AGAIN}"),
}
_OS: Final[Mapping[int, Explanation]] = {
    errno.EACCES: ("permission denied", "change the permissions, or run as a user who may"),
    errno.EPERM: ("the operation is not permitted", "change the permissions, or run as a user who may"),
    errno.ENOENT: ("it does not exist", "make it, or name another one"),
    errno.EEXIST: ("it exists already", "move it away, or name another one"),
    errno.EISDIR: ("it is a directory and should be a file", "move it away, or name another one"),
    errno.ENOTDIR: ("part of its path is a file and should be a directory", "move that file away"),
    errno.ENOSPC: ("no space is left on the device", "free some space, then run the same command again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, then run the same command again"),
    errno.EROFS: ("the file system is read-only", "name a place that can be written to"),
    errno.EMFILE: ("too many files are open", "allow more (ulimit -n 4096), then run the same command again"),
    errno.ENFILE: ("too many files are open on this machine", "close programs, then run the same command again"),
    errno.ENAMETOOLONG: ("its name is too long", "name a shorter path"),
    errno.ELOOP: ("its symbolic links go in a circle", "correct the links"),
    errno.EIO: ("the disk could not be read or written", "check the disk"),
    errno.ENOMEM: ("there is not enough memory", "close programs, then run the same command again"),
    errno.ETXTBSY: ("the file is being run", "wait for the program that runs it"),
    errno.EBADF: ("the stream is closed", "run it with its output open"),
}
_NETWORK: Final = ("the network connection failed", "check the network connection and the proxy")


def client_reason(error: BaseException) -> Explanation | None:
    """Explain an error of AWS's client library; None for another."""
    for cls in type(error).__mro__:
        if cls.__name__ in _CLIENT:
            return _CLIENT[cls.__name__]
    if isinstance(error, ValueError) and str(error).startswith("Invalid endpoint"):  # botocore's own wording
        return _CLIENT["InvalidEndpointConfigurationError"]
    return None


def outside_reason(error: BaseException) -> Explanation | None:
    """Explain an error that comes from outside the program; None for a programming error."""
    if explained := client_reason(error):
        return explained
    if isinstance(error, ConnectionError | TimeoutError):
        return _NETWORK
    if isinstance(error, OSError):
        return _os_reason(error)
    if isinstance(error, UnicodeEncodeError):
        todo = "set PYTHONIOENCODING=utf-8 or LANG=C.UTF-8, or use --ascii"
        return f"the encoding {error.encoding} has no such character", todo
    if isinstance(error, UnicodeDecodeError):
        return f"text is not {error.encoding} (byte {error.start})", "save the file as UTF-8"
    if isinstance(error, RecursionError):
        return "something is nested too deeply", "flatten it"
    if isinstance(error, MemoryError):
        return "there is not enough memory", "close programs, or work on one service at a time with --service"
    if isinstance(error, EOFError):
        return "the input or a file ends too early", "run it on a terminal, or give what it asks for as options"
    name = type(error).__name__
    if name in ("BadZipFile", "LargeZipFile") or (name == "error" and type(error).__module__ == "zlib"):
        return "a compressed file is damaged", "make it again, or delete it from the cache"
    return None


def _os_reason(error: OSError) -> Explanation:
    known = _OS.get(error.errno or 0)
    if known:
        return known
    if type(error).__module__ in ("socket", "ssl", "urllib.error") or type(error).__name__ in ("gaierror", "herror"):
        return _NETWORK
    return (error.strerror or "the system refused").lower(), "check the file or device, then run the same command again"


def with_profile(todo: str, profile: str) -> str:
    """Name the profile in advice to sign in: `aws sso login --profile shop`."""
    return todo.replace("aws sso login", f"aws sso login --profile {profile}") if profile else todo
