"""moto's server with the few AWS managed policies that serverless projects attach.

All 1,400 of them would be parsed again at every reset: half a second a test.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import moto.iam.models as iam
from moto.server import main

WANTED = ("AWSLambda", "AWSXRay", "AmazonSQS", "AmazonSNS", "AmazonDynamoDB", "AWSStepFunctions", "CloudWatchLogs")


def _trimmed(policies: dict[str, Any]) -> dict[str, Any]:
    return {name: policy for name, policy in policies.items() if name.startswith(WANTED)}


if __name__ == "__main__":
    iam.aws_managed_policies_data = json.dumps(_trimmed(json.loads(iam.aws_managed_policies_data)))
    sys.exit(main())
