"""Clients are made without listing every service, and everything botocore offers is still there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound, UnknownServiceError

from stateroom.cloud.aws.loading import session

REGION = "eu-west-1"


def test_a_service_is_found_without_looking_at_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []
    listdir = os.listdir

    def watched(path: Any = ".") -> list[str]:
        listed.append(Path(path).name)
        return listdir(path)

    # The loaders of other tests have found it already, and tests/support/once.py lets them share that.
    monkeypatch.setattr(botocore.session, "create_loader", botocore.loaders.create_loader)
    monkeypatch.setattr(os, "listdir", watched)
    client = session(None, REGION).client("lambda")
    assert client.can_paginate("list_functions")
    assert "lambda" in listed
    assert "ec2" not in listed


def test_a_service_that_does_not_exist_is_refused_with_the_names_of_those_that_do() -> None:
    with pytest.raises(UnknownServiceError, match="lambda"):
        session(None, REGION).client("lamda")


def test_every_service_can_still_be_listed() -> None:
    assert list(session(None, REGION).get_available_services()) == boto3.Session().get_available_services()


def test_a_service_without_pages_says_so() -> None:
    assert not session(None, REGION).client("sts").can_paginate("get_caller_identity")


def test_descriptions_of_the_users_own_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert str(tmp_path) in session(None, REGION)._loader.search_paths


def test_an_unknown_profile_is_an_error_of_botocores() -> None:
    with pytest.raises(ProfileNotFound):
        session("nobody", REGION).client("sts")
