"""The plain commands: one module each, with `add_arguments(parser)` and `run(context) -> exit code`."""

COMMANDS = {
    "status": "services with counts, and every resource that is not in step",
    "diff": "config, state and cloud side by side",
    "deploy": "make state and cloud what the config says",
    "refresh": "make the state what the cloud says",
    "heal": "put the cloud back to what the state says",
    "accept": "take single values of the cloud into the state",
    "remove": "delete a stage's resources",
    "versions": "past states, newest first",
    "show": "one version: what was in it and what it changed",
    "compare": "two versions side by side",
    "rollback": "go back to a past state, the cloud as well or the state only",
    "state": "look into a state, repair it, take resources out, move, import, export",
    "secret": "the secrets of an SST app: list, set, remove, load",
    "passphrase": "where passphrases are kept: status, set, forget, rotate, export, restore",
    "unlock": "break a lock that was left behind",
    "bootstrap": "what a home needs: what its pointers name and what is really there",
    "reset": "take a home down and set it up again without losing what is in it",
    "demo": "an embedded cloud with a sample project, drifted, to play with",
}
