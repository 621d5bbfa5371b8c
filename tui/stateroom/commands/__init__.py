"""The plain commands: one module each, with `add_arguments(parser)` and `run(context) -> exit code`."""

COMMANDS = {
    "status": "services with counts, and every resource that is not in step",
    "diff": "config, state and cloud side by side",
    "plan": "what an operation would do; saved with --out FILE, run by deploy FILE",
    "deploy": "make state and cloud what the config says",
    "refresh": "make the state what the cloud says",
    "heal": "put the cloud back to what the state says",
    "accept": "take single values of the cloud into the state",
    "import": "take one object of the cloud into the state",
    "orphans": "what bears our mark and is in no state of the home: list, adopt, delete",
    "remove": "delete a stage's resources",
    "versions": "past states, newest first",
    "outputs": "what services put out, beside what the Serverless Framework stored of them",
    "show": "one version: what was in it and what it changed",
    "compare": "two versions side by side",
    "rollback": "go back to a past state, the cloud as well or the state only",
    "state": "look into a state, repair it, take resources out, move, import, export",
    "secret": "the secrets of an SST app: list, set, remove, load",
    "passphrase": "where passphrases are kept: status, set, forget, rotate, export, restore",
    "trust": "what the project may start: pip, esbuild, git; allow it, list it, take it back",
    "unlock": "break a lock that was left behind",
    "bootstrap": "what a home needs: what its pointers name and what is really there",
    "reset": "take a home down and set it up again without losing what is in it",
    "compile": "the resources of the config as a CloudFormation template",
    "print": "the config with every variable resolved",
    "graph": "services and resources, and what needs what",
    "demo": "an embedded cloud with a sample project, drifted, to play with",
}

_MODULES = {"import": "import_object"}  # of commands that no module can be named after


def module_of(command: str) -> str:
    """Return the import path of a command's module."""
    return f"stateroom.commands.{_MODULES.get(command, command)}"
