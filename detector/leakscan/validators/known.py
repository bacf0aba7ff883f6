"""Published credentials: examples from vendors' documents and keys that every emulator shares.

They open nothing, or nothing that is not open to all, and people paste them into configuration, so they turn
up in logs. Stored as truncated SHA-256, for this file must not hold text that looks like a token.
Each was printed by the vendor in the document named; add only what you have seen there:

    python -c "import hashlib,sys; print(hashlib.sha256(sys.argv[1].encode()).hexdigest()[:16])" VALUE

Not here: placeholders, which need no list (`placeholder`), and default passwords such as `changeme`,
which open real systems.

>>> is_public(b"AKIA" + b"IOSFODNN7" + b"EXAMPLE")
True
"""

from __future__ import annotations

import hashlib
from typing import Final

#: Hex digits kept of each SHA-256: 64 bits. A stranger's secret collides with one of these with
#: probability 2^-58.
_WIDTH: Final = 16
#: Keys are quoted with and without it.
_HEX_PREFIX: Final = b"0x"

_DIGESTS: Final = frozenset(
    {
        # AWS documentation: access keys and their secrets
        "1a5d44a2dca19669", "c6ea27c534f993d3", "cb20d34a7adda2f5", "78314b11be2e5815", "e21b597ba6b9cafa",
        "e8a0614b6747a06f",
        # jwt.io: the samples of three generations of the page
        "7f75367e78812551", "da816f9f2c16e6c5", "c794fa6d20c64efb",
        # Supabase: anon and service keys of every local installation
        "bf1725a8f98bea37", "70541e07fd4f900b",
        # RFC 7519, RFC 7515: the example token
        "8d4ef6536dc8895f",
        # RFC 6749, RFC 6750: tokens, codes, client secrets
        "6c96130f130ab0d6", "00cf4c781dc37003", "a35b81a7d7927b70", "ca7459e2b26776de", "53f5da0aaa93d64c",
        "e9974c507d2a8021", "b8e148545b13c78b",
        # RFC 7617, RFC 2617 and their copies: Basic credentials
        "cf4d418ed3de92d7", "73f71af093fdf154", "687da00b09c83361",
        # RFC 6455: the sample nonce of a WebSocket handshake
        "15cef4b629cc2d07",
        # RFC 6238 and the usual TOTP demonstration seeds
        "549c9390539efcfa", "8be5d113c0871ce1",
        # Stripe documentation: test keys shared by all readers
        "2cafc0970149a84f", "f2d6ca16515033e5", "b1471f544ceeea31", "5895b89c8fb33402",
        # GitHub documentation: OAuth and app tokens
        "bc3ae723f57c6b9e", "82e74299544e0073", "3543c50b0cb9cea8", "797c0ce414586cc8", "6d7fa4e64d4b1f3e",
        "86007eb367696d32",
        # Azurite and the Azure storage emulator; the Cosmos DB emulator
        "0011cc25eb432071", "aa6547439583c3a2",
        # Confluent documentation: the example secret
        "59762139900d1e11",
        # NATS documentation: the example seed
        "3114e6a5b110ffa7",
        # age: identities of the public test suite
        "ff44ff8aeba1a929", "73e7976d91fdc8fc",
        # reCAPTCHA documentation: site key and secret for automated tests
        "03b970ed8171d73b", "f5e95c9954635b65",
        # MinIO: the public playground
        "1bbb9293c38acc5e", "df452eef23e8cf2c",
        # Hardhat and Anvil: private keys of the first two development accounts
        "bc1a50966c9e6486", "8335c55334821eef",
    }
)  # fmt: skip


def is_public(value: bytes) -> bool:
    """Tell whether a value is a published example; exact text only, without quotes."""
    return hashlib.sha256(value.removeprefix(_HEX_PREFIX)).hexdigest()[:_WIDTH] in _DIGESTS
