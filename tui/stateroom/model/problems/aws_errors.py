"""Classes of AWS's error codes, and the way out of each: whether the same command, run again, may do better."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ErrorKind(StrEnum):
    """Why AWS refused a call."""

    SIGN_IN = "the session has ended"
    KEYS = "the keys are wrong"
    CLOCK = "the clock is wrong"
    DENIED = "not allowed"
    UNSUBSCRIBED = "the account does not have the service"
    PASSING = "busy, or out of order for a moment"
    CONFLICT = "something else is being done to it"
    QUOTA = "a quota is used up"
    TAKEN = "the name is taken"
    ABSENT = "it, or what it names, does not exist"
    VALUE = "a value is not taken"
    UNKNOWN = ""

    @property
    def passes(self) -> bool:
        """Whether the same call may succeed later though nobody changes anything."""
        return self in (ErrorKind.PASSING, ErrorKind.CONFLICT)


AGAIN: Final = "run the same command again: what is done stays done"
SIGN_IN: Final = "sign in again: aws sso login, or choose another profile with --profile"
KEYS: Final = "check the keys of the profile, or choose another one with --profile"

_ADVICE: Final[Mapping[ErrorKind, str]] = {
    ErrorKind.SIGN_IN: SIGN_IN,
    ErrorKind.KEYS: KEYS,
    ErrorKind.CLOCK: "set this machine's clock, then run the same command again",
    ErrorKind.UNSUBSCRIBED: "turn the service on for this account, or choose another --profile or --region",
    ErrorKind.PASSING: AGAIN,
    ErrorKind.CONFLICT: "wait until what else is being done to it has ended, then run the same command again",
    ErrorKind.QUOTA: "delete what is not needed, or ask AWS for a higher quota; then run the same command again",
    ErrorKind.TAKEN: "give it another name in the config, or remove what has the name",
    ErrorKind.ABSENT: "check that what the config names exists in this account and region; "
    "stateroom refresh takes into the state what is gone",
    ErrorKind.VALUE: "correct the resource's properties in the config",
    ErrorKind.UNKNOWN: "look the code up in AWS's documentation of that call, and correct the config or the account",
}
_CODES: Final[Mapping[ErrorKind, frozenset[str]]] = {
    ErrorKind.SIGN_IN: frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}),
    ErrorKind.KEYS: frozenset(
        {
            *("AuthFailure", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken"),
            *("InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException"),
            *("SignatureDoesNotMatch", "UnrecognizedClientException"),
        }
    ),
    ErrorKind.CLOCK: frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"}),
    ErrorKind.DENIED: frozenset(
        {
            *("403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError"),
            *("AuthorizationErrorException", "Forbidden", "ForbiddenException", "NotAuthorized"),
            *("NotAuthorizedException", "UnauthorizedException", "UnauthorizedOperation"),
        }
    ),
    ErrorKind.UNSUBSCRIBED: frozenset({"NotSignedUp", "OptInRequired", "SubscriptionRequiredException"}),
    ErrorKind.PASSING: frozenset(
        {
            *("BandwidthLimitExceeded", "EC2ThrottledException", "IDPCommunicationError", "InternalError"),
            *("InternalFailure", "InternalServerError", "InternalServiceError", "InternalServiceException"),
            *("PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestLimitExceeded"),
            *("RequestThrottled", "RequestThrottledException", "RequestTimeout", "RequestTimeoutException"),
            *("ServiceException", "ServiceUnavailable", "ServiceUnavailableException", "SlowDown", "Throttled"),
            *("ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException"),
            *("TransactionInProgressException",),
        }
    ),
    ErrorKind.CONFLICT: frozenset(
        {
            *("ConcurrentModification", "ConcurrentModificationException", "ConcurrentUpdateException"),
            *("OperationAborted", "OperationInProgressException", "OptimisticLockException"),
            *("ResourceInUseException", "TooManyUpdates"),
        }
    ),
}
_BY_CODE: Final = {code: kind for kind, codes in _CODES.items() for code in codes}
_PATTERNS: Final = (  # of codes that each service words in its own way; the first that is found counts
    (ErrorKind.TAKEN, re.compile(r"AlreadyExists|AlreadyOwnedByYou|Duplicate|NameExists")),
    (ErrorKind.QUOTA, re.compile(r"LimitExceeded|QuotaExceeded|QuotaReached|^TooMany|MaxNumberOf|OverLimit")),
    (ErrorKind.ABSENT, re.compile(r"NotFound|NoSuch|NonExist|DoesNotExist|NotExist")),
    (ErrorKind.PASSING, re.compile(r"Throttl|Timeout$|TemporarilyUnavailable")),
    (ErrorKind.VALUE, re.compile(r"Validation|Invalid|Malformed|BadRequest|Missing|Unsupported|TooLarge|TooLong")),
)
_PASSING_STATUS: Final = frozenset({408, 425, 429})


def error_kind(code: str, status: int = 0) -> ErrorKind:
    """Return the class of an error by its code and HTTP status (0: not known)."""
    if known := _BY_CODE.get(code):
        return known
    if status >= 500 or status in _PASSING_STATUS:
        return ErrorKind.PASSING
    return next((kind for kind, pattern in _PATTERNS if pattern.search(code)), ErrorKind.UNKNOWN)


def advice(kind: ErrorKind, needs: str = "") -> str:
    """Return the way out of an error. `needs`: the call or permission that was denied."""
    if kind is ErrorKind.DENIED:
        return f"allow {needs or 'it'} to the user or role that runs stateroom, or use another --profile"
    return _ADVICE[kind]
