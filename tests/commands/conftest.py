"""What several tests of commands need to be quick."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stateroom.state.secrets import cipher


@pytest.fixture(scope="module")
def quick_keys() -> Iterator[None]:
    """One round of key derivation instead of a million; nothing of it is left for other tests."""

    def forget() -> None:
        for cached in (cipher.fresh_salt, cipher.unlock, cipher._derive):
            cached.cache_clear()

    with pytest.MonkeyPatch.context() as patch:
        forget()
        patch.setattr(cipher, "_ROUNDS", 1)
        yield
    forget()
