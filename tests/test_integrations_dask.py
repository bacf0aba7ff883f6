"""Dask's data frames: partitions go through the Arrow kernel and come back as they were."""

from __future__ import annotations

from typing import Any

import pytest

dd = pytest.importorskip("dask.dataframe", reason="Dask's data frames are an extra")
import pandas as pd  # noqa: E402 - comes with Dask

from command import RULE, made_up_secret  # noqa: E402 - as above
from leakscan.integrations.dask import redact, scan  # noqa: E402 - as above
from leakscan.integrations.engine import Engine  # noqa: E402 - as above

KEY = b"sixteen bytes ok"


@pytest.fixture
def secret() -> str:
    """One that a rule finds."""
    return made_up_secret()


def logs(secret: str) -> tuple[pd.DataFrame, Any]:
    """Return twelve rows, and the same in three partitions; the first and the last hold something."""
    rows = 12
    frame = pd.DataFrame(
        {
            "id": range(rows),
            "message": [f"t={secret}", *["all is well"] * (rows - 2), None],
            "password": [*["none"] * (rows - 1), "hunter2-Tr0ub4dor"],
        },
        index=range(100, 100 + rows),
    )
    return frame, dd.from_pandas(frame, npartitions=3)


def test_secrets_are_taken_out_and_all_else_stays(secret: str) -> None:
    """Cells, columns, types, order and index; a column's name counts."""
    frame, parts = logs(secret)
    put = redact(parts, engine=Engine(key=KEY)).compute()
    assert put["message"].iloc[0] == f"t=[REDACTED:{RULE}]"
    assert put["password"].iloc[-1] == "[REDACTED:generic-password]"
    assert list(put.index) == list(frame.index)
    assert list(put["id"]) == list(frame["id"])
    assert put["message"].iloc[1:-1].tolist() == frame["message"].iloc[1:-1].tolist()
    assert put["message"].isna().tolist() == frame["message"].isna().tolist()


def test_findings_come_with_what_is_kept(secret: str) -> None:
    """One row each, with the id, whatever the partition; equal fingerprints for equal secrets."""
    _, parts = logs(secret)
    found = scan(parts, engine=Engine(key=KEY), keep=["id"]).compute()
    assert found[["id", "column", "rule_id"]].to_numpy().tolist() == [
        [0, "message", RULE],
        [11, "password", "generic-password"],
    ]
    assert not found.to_string().count(secret)
    again = scan(dd.from_pandas(logs(secret)[0], npartitions=1), engine=Engine(key=KEY)).compute()
    assert again["fingerprint"].tolist() == found["fingerprint"].tolist()


def test_only_columns_that_are_named_are_looked_at(secret: str) -> None:
    """The rest passes as it is."""
    _, parts = logs(secret)
    put = redact(parts, ["password"], engine=Engine(key=KEY)).compute()
    assert secret in put["message"].iloc[0]
    assert put["password"].iloc[-1] == "[REDACTED:generic-password]"
