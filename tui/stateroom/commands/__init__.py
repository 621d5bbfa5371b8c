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
    "rollback": "go back to a past state, the cloud as well or the state only",
    "unlock": "break a lock that was left behind",
    "compile": "the resources of the config as a CloudFormation template",
    "print": "the config with every variable resolved",
    "graph": "services and resources, and what needs what",
    "demo": "an embedded cloud with a sample project, drifted, to play with",
}
