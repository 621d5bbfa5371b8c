"""A stranger's checkout that would run its code in every way we know, and a watch on what a reader does to it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_STARTS = (
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "os.system",
    "os.startfile",
    "pty.spawn",
)
_CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate")
HEAD = "provider: {name: aws, runtime: python3.12, region: eu-west-1}\nfunctions: {hello: {handler: app.create}}\n"
PLUGIN = "plugins: [serverless-python-requirements]\n"


@dataclass
class Watch:
    """What happened while it was armed: programs started, code of the checkout run, files of it written, calls made."""

    root: Path = field(default_factory=Path)
    armed: bool = False
    offline: bool = False
    seen: list[str] = field(default_factory=list)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note an audit event; https://docs.python.org/3/library/audit_events.html"""
        if self.armed and self._forbidden(event, arguments):
            self.seen.append(f"{event}: {arguments!r}"[:300])

    def _forbidden(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event in _STARTS:
            return True
        if event in ("socket.connect", "socket.getaddrinfo"):
            return self.offline
        if event == "exec":
            return self._inside(getattr(arguments[0], "co_filename", ""))
        if event in ("open", "ctypes.dlopen"):
            return self._inside(arguments[0]) and (event != "open" or _writes(arguments))
        return event in _CHANGES and any(map(self._inside, arguments))

    def _inside(self, path: Any) -> bool:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        return isinstance(path, str) and Path(path).is_relative_to(self.root)


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return any(letter in (mode or "") for letter in "wax+") or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))


WATCH = Watch()
sys.addaudithook(WATCH.hook)  # for good: a hook cannot be taken away, so it sleeps unless it is armed


@contextmanager
def watching(root: Path, *, offline: bool) -> Iterator[list[str]]:
    """See what is done to a directory, and which programs are started. Armed for one thread of tests at a time."""
    WATCH.root, WATCH.offline, WATCH.seen, WATCH.armed = root.resolve(), offline, [], True
    try:
        yield WATCH.seen
    finally:
        WATCH.armed = False


def hostile_checkout(root: Path) -> Path:
    """Make the checkout, and return the file that its code writes when it runs."""
    ran = root.parent / "RAN"
    root.mkdir(parents=True)
    _services(root, ran)
    _git(root, ran)
    return ran


SERVICES: dict[str, str] = {
    "requirements": PLUGIN,
    "editable": PLUGIN,
    "index": PLUGIN,
    "project": PLUGIN,
    "layered": PLUGIN + "custom: {pythonRequirements: {layer: true}}\n",
    "arguments": PLUGIN + "custom: {pythonRequirements: {pipCmdExtraArgs: ['-r evil.txt', '--python ./prog.sh']}}\n",
    "message": "custom: {it: '${git:message}', tag: '${git:describe}'}\n",
    "dirty": "custom: {it: '${git:isDirty}'}\n",
    "script": "custom: {it: '${file(./evil.js)}'}\n",
    "python": "custom: {it: '${file(./evil.py)}'}\n",
    "links": "custom: {it: '${file(./passwd.txt)}', env: '${env:FROM_DOTENV}'}\n",
    "web": "stages: {default: {resolvers: {web: {type: terraform, backend: http, "
    "address: 'http://127.0.0.1:1/${env:HOME}'}}}}\ncustom: {it: '${web:outputs:x}'}\n",
    "secrets": "custom: {it: '${env:STATEROOM_PASSPHRASE}', key: '${env:AWS_SECRET_ACCESS_KEY}'}\n",
    "bundled": "plugins: [serverless-esbuild]\n",
    "strange": "plugins: [./evil, serverless-evil]\n",
}
_REQUIREMENTS = {
    "requirements": "./evil\n",
    "editable": "-e .\n",
    "index": "--index-url http://127.0.0.1:1/simple\n--extra-index-url file:///nowhere\nsoap\n-r more.txt\n",
    "layered": "./evil\n",
    "arguments": "soap\n",
}


def _services(root: Path, ran: Path) -> None:
    code = f"import pathlib\npathlib.Path({str(ran)!r}).write_text(__file__)\n"
    compose = "services:\n" + "".join(f"  {name}: {{path: {name}}}\n" for name in SERVICES)
    (root / "serverless-compose.yml").write_text(compose)
    for name, more in SERVICES.items():
        directory = root / name
        directory.mkdir()
        head = HEAD.replace("python3.12", "nodejs20.x").replace("app.", "typed.") if name == "bundled" else HEAD
        (directory / "serverless.yml").write_text(f"service: {name}\n{head}{more}")
        (directory / "app.py").write_text("def create(event, context): ...\n")
        (directory / "evil").mkdir()
        for module in ("pip", "types", "random", "yaml", "sitecustomize", "usercustomize", "setup", "evil/setup"):
            (directory / f"{module}.py").write_text(code)
        (directory / "evil" / "backend.py").write_text(code)
        (directory / "evil" / "index.js").write_text(f"require('fs').writeFileSync({str(ran)!r}, 'js')\n")
        (directory / "evil" / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        )
        (directory / "evil.js").write_text(f"require('fs').writeFileSync({str(ran)!r}, 'js')\n")
        (directory / "evil.py").write_text(code)
        (directory / "evil.txt").write_text("./evil\n")
        (directory / "more.txt").write_text("-e ./evil\n")
        (directory / ".env").write_text("FROM_DOTENV=x\nPATH=.\nSTATEROOM_TRUST=/\nPYTHONPATH=.\n")
        (directory / ".envrc").write_text(f"touch {ran}\n")
        (directory / "prog.sh").write_text(f"#!/bin/sh\ntouch {ran}\n")
        (directory / "prog.sh").chmod(0o755)
        (directory / "passwd.txt").symlink_to("/etc/hostname")
        (directory / "out").symlink_to("/")
        _esbuild(directory, ran)
        (directory / "requirements.txt").write_text(_REQUIREMENTS.get(name, "soap\n"))
    (root / "project" / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["evil @ file:./evil"]\n')


def _esbuild(directory: Path, ran: Path) -> None:
    """Put an esbuild into a service that is none, and a handler for it beside that of another language."""
    program = directory / "node_modules" / "esbuild" / "bin" / "esbuild"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    manifest = f'{{"name": "esbuild", "version": "1.0.0", "scripts": {{"postinstall": "touch {ran}"}}}}'
    (program.parent.parent / "package.json").write_text(manifest)
    (directory / "typed.ts").write_text("export const create = 1\n")


def _git(root: Path, ran: Path) -> None:
    program = root / "prog.sh"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    hooks = root / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "post-checkout", "fsmonitor-watchman"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    (root / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    git(root, "init", "-q", "-b", "trunk")
    _commit(root, [], "signed\n\nby nobody")
    (root / "included").write_text(f"[core]\n\tpager = {program}\n[alias]\n\tlog = !{program}\n")
    for key, value in {
        "gpg.program": program,
        "log.showSignature": "true",
        "core.fsmonitor": program,
        "core.hooksPath": hooks,
        "core.sshCommand": program,
        "core.editor": program,
        "diff.external": program,
        "diff.evil.textconv": program,
        "filter.evil.clean": program,
        "filter.evil.smudge": program,
        "filter.evil.process": program,
        "filter.evil.required": "true",
        "credential.helper": f"!{program}",
        "include.path": "../included",
        "user.name": "evil",
    }.items():
        git(root, "config", key, str(value))
    trap = root / "trap"  # a bare repository that a plain clone brings along
    git(root.parent, "init", "-q", "--bare", str(trap))
    _commit(trap, ["--git-dir", str(trap)], "hello")
    for key in ("gpg.program", "core.fsmonitor", "core.pager"):
        git(root.parent, "config", "-f", str(trap / "config"), key, "./prog.sh")
    for name in ("serverless.yml", "app.py", "prog.sh"):
        (trap / name).write_bytes((root / "message" / name).read_bytes())
    (trap / "prog.sh").chmod(0o755)
    (trap / "requirements.txt").write_text("")


def _commit(root: Path, which: list[str], message: str) -> None:
    """Make a signed commit the HEAD of a repository; its signature is one that nobody made."""
    tree = git(root, *which, "hash-object", "-t", "tree", "-w", "--stdin")
    text = (
        f"tree {tree}\nauthor A <a@example.org> 1700000000 +0000\ncommitter A <a@example.org> 1700000000 +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"
        f"\n{message}\n"
    )
    commit = git(root, *which, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text)
    git(root, *which, "update-ref", "HEAD", commit)


def git(directory: Path, *arguments: str, stdin: str = "") -> str:
    """Run git with the settings of no user, and return what it says."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, input=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def digest_of(root: Path) -> str:
    """Return a digest of every name, kind and content below a directory."""
    digest = hashlib.sha256()
    for parent, folders, names in os.walk(root):
        folders.sort()
        for name in sorted([*folders, *names]):
            path = Path(parent) / name
            content = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else ""
            digest.update(f"{path.relative_to(root)}\0{content!r}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
