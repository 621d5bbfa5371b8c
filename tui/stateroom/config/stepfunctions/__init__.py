"""Compile `stepFunctions:` as the Serverless Framework's Step Functions plugin does.

Logical ids, names and policies are the plugin's (serverless-step-functions 3.31); docs/compatibility.md lists where its
results would not work and ours differ.
"""

from stateroom.config.stepfunctions.compiling import compile_state_machines

__all__ = ["compile_state_machines"]
