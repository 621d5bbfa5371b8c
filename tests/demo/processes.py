"""Which processes of a group are alive, without asking a tool."""

from __future__ import annotations

from pathlib import Path


def members(group: int) -> set[int]:
    """Process ids of a process group; zombies, which only wait to be reaped, are not alive."""
    found = set()
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            fields = (directory / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.add(int(directory.name))
    return found


def listening(group: int) -> set[str]:
    """Addresses (hexadecimal, as the kernel writes them) that a group's processes listen on over TCP."""
    inodes = set()
    for pid in members(group):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink()) if descriptor.is_symlink() else ""
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:  # 0A: LISTEN
                found.add(fields[1])
    return found
