"""SST's three out-of-sync stories, through the commands, on both emulators."""

from __future__ import annotations

from tests.e2e.conftest import Shell


def test_change_the_resource(shell: Shell) -> None:
    """A timeout of 10 is changed to 20 in the console. A deploy finds no differences and leaves it alone."""
    assert shell.run("deploy", "--yes")[0] == 0
    shell.set_timeout(20)
    code, out, err = shell.run("deploy", "--yes")
    assert code == 0
    assert "nothing to do" in (out + err).lower()
    assert shell.function()["Timeout"] == 20
    code, out, _ = shell.run("diff")
    assert code == 2
    assert "Timeout" in out


def test_change_the_config(shell: Shell) -> None:
    """The config then says 30. Config and state differ, so a deploy sets it, and all three are back in sync."""
    shell.run("deploy", "--yes")
    shell.set_timeout(20)
    shell.edit("timeout: 10", "timeout: 30")
    assert shell.run("deploy", "--yes")[0] == 0
    assert shell.function()["Timeout"] == 30
    code, out, _ = shell.run("diff")
    assert code == 0, out


def test_remove_the_resource(shell: Shell) -> None:
    """The function is deleted in the console; a deploy of 60 fails on it; refresh drops it; a deploy creates it."""
    shell.run("deploy", "--yes")
    shell.delete_function()
    shell.edit("timeout: 10", "timeout: 60")
    code, _, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "HelloLambdaFunction" in err
    assert "refresh" in err
    assert shell.run("refresh", "--yes")[0] == 0
    assert shell.run("deploy", "--yes")[0] == 0
    assert shell.function()["Timeout"] == 60
    code, out, _ = shell.run("diff")
    assert code == 0, out


def test_heal_accept_and_rollback(shell: Shell) -> None:
    """What the three stories leave to the user: push the state, take the cloud, go back."""
    shell.run("deploy", "--yes")
    shell.set_timeout(20)
    assert shell.run("heal", "--yes")[0] == 0
    assert shell.function()["Timeout"] == 10
    shell.set_timeout(20)
    assert shell.run("refresh", "--yes")[0] == 0
    assert shell.run("diff")[0] == 2
    assert shell.run("deploy", "--yes")[0] == 0
    assert shell.function()["Timeout"] == 10
    shell.edit("timeout: 10", "timeout: 30")
    shell.run("deploy", "--yes")
    versions = shell.json("versions")
    assert shell.run("rollback", "1", "--yes")[0] == 0
    assert shell.function()["Timeout"] == 10
    assert versions


def test_remove_leaves_the_cloud_as_empty_as_it_was(shell: Shell) -> None:
    from tests.support.inventory import inventory

    before = inventory(shell.emulator)
    assert shell.run("deploy", "--yes")[0] == 0
    assert inventory(shell.emulator) > before
    assert shell.run("remove", "--yes")[0] == 0
    assert inventory(shell.emulator) == before
    assert not list(shell.directory.glob(".stateroom/app/**/*.json"))
