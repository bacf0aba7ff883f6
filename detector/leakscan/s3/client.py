"""The connection to S3: one client a process, made from the environment, and what its errors mean.

Not here: which objects there are (`listing`), reading one (`content`).
"""

from __future__ import annotations

import re
from typing import Any, Final

from leakscan.errors import SourceError

#: What is said when a connection breaks.
LOST: Final = "the connection was lost"
#: What is said when an object is no longer the one that was begun.
REPLACED: Final = "was replaced while it was scanned: scan it again"
#: What is said of an object where S3 gives no more than a status.
FORBIDDEN: Final = "no permission, or no such object (403)"
_NO_EXTRA: Final = "S3 needs an extra: pip install 'leakscan-logs[s3]'"
_NO_CREDENTIALS: Final = (
    "no credentials for S3: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)

#: What the codes of S3 mean to a user. Those without a text of their own are named.
_CODES: Final = {
    "NoSuchBucket": "no such bucket",
    "InvalidBucketName": "is no valid name of a bucket",
    "NoSuchKey": "no such object",
    "404": "no such object",
    "AccessDenied": "no permission (AccessDenied)",
    "403": FORBIDDEN,
    "InvalidAccessKeyId": "the credentials are refused (InvalidAccessKeyId)",
    "SignatureDoesNotMatch": "the credentials are refused (SignatureDoesNotMatch)",
    "ExpiredToken": "the credentials have expired (ExpiredToken)",
    "RequestTimeTooSkewed": "the clock of this machine is wrong (RequestTimeTooSkewed)",
    "InvalidObjectState": "is archived (Glacier): restore it first",
    "PreconditionFailed": REPLACED,
    "412": REPLACED,
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION",
    "301": "the bucket is in another region: set AWS_REGION",
    "SlowDown": "the server asks to slow down, again and again (SlowDown)",
}
#: The same for errors that never reached S3, by the names of their classes in botocore, aiohttp and Python.
_CLASSES: Final = {
    "NoCredentialsError": _NO_CREDENTIALS,
    "PartialCredentialsError": _NO_CREDENTIALS,
    "CredentialRetrievalError": "the credentials for S3 cannot be fetched",
    "ProfileNotFound": "there is no AWS profile of the name in AWS_PROFILE",
    "ConfigParseError": "the AWS configuration cannot be read",
    "ParamValidationError": "is no valid name of a bucket",
    "EndpointConnectionError": "the server cannot be reached",
    "ConnectTimeoutError": "the server cannot be reached",
    "ReadTimeoutError": "the server does not answer",
    "FSTimeoutError": "the server does not answer",
    "SSLError": "TLS with the server fails",
    "HTTPClientError": LOST,
    "ClientError": LOST,  # of aiohttp; that of botocore has a code
    "IncompleteRead": LOST,
    "IncompleteReadError": LOST,
    "ConnectionError": LOST,
}


def client(url: str) -> Any:
    """Return the file system of s3fs, one a process.

    Raises:
        SourceError: the extra is missing, or the environment is unusable.

    """
    try:
        import fsspec  # noqa: PLC0415 - takes 0.4 s: only who reads S3 waits for it
        import s3fs  # noqa: F401, PLC0415 - as above
    except ImportError:
        raise SourceError(url, _NO_EXTRA) from None
    try:
        # s3fs keeps it for the process, and makes a new one after a fork
        made = fsspec.filesystem("s3", use_listings_cache=False)
        made.retries = 1  # botocore's own are enough: their product would take minutes
        made.connect()
    except ValueError:
        raise SourceError(url, "AWS_ENDPOINT_URL is no URL") from None
    except Exception as error:  # noqa: BLE001 - of the environment, by several libraries
        raise SourceError(url, words(error)) from None
    return made


def words(error: BaseException) -> str:
    """Return what an error means to a user. No message of a server is repeated."""
    if isinstance(error, SourceError):
        return error.reason
    code = code_of(error)
    if code:
        return _CODES.get(code, f"S3 answers {code}")
    names = (known.__name__ for known in type(error).__mro__)
    return next((_CLASSES[name] for name in names if name in _CLASSES), f"S3 fails ({type(error).__name__})")


def code_of(error: BaseException) -> str:
    """Return the code of S3 for an error, empty when the error did not come from S3."""
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return code if re.fullmatch("[A-Za-z0-9]{1,64}", code) else ""
