"""moto's server with the few AWS managed policies that serverless projects attach, and without what nobody reads.

All 1,400 policies would be parsed again at every reset: half a second a test. Each call would be logged, looked up
among the addresses of two hundred services, and have a connection and a thread of its own: half of what it costs.
"""

from __future__ import annotations

import functools
import gc
import io
import json
import logging
import sys
import traceback
from typing import Any

import moto.core.responses
import moto.iam.models as iam
import moto.server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from werkzeug.wrappers import Response

WANTED = ("AWSLambda", "AWSXRay", "AmazonSQS", "AmazonSNS", "AmazonDynamoDB", "AWSStepFunctions", "CloudWatchLogs")


def _trimmed(policies: dict[str, Any]) -> dict[str, Any]:
    return {name: policy for name, policy in policies.items() if name.startswith(WANTED)}


class Handler(MotoRequestHandler):  # type: ignore[misc]  # moto is not typed here
    """Answer one call after the other on a connection.

    Werkzeug closes each connection, because an application need not read a body to its end, and waits a while for more.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or an answer's body waits until its head is acknowledged

    def make_environ(self) -> Any:
        """Read the body to its end. A chunked one ends with the connection."""
        environ = super().make_environ()
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            self.close_connection = True
        else:
            environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        return environ

    def run_wsgi(self) -> None:
        """Answer a call, with 500 and a line in the log where moto breaks."""
        self.environ = self.make_environ()  # where werkzeug keeps it
        try:
            answer = Response.from_app(self.server.app, self.environ, buffered=True)
        except Exception:
            traceback.print_exc()
            answer = Response(status=500)
        body = answer.get_data()
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers and self.command != "HEAD" and answer.status_code not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _quickly() -> None:
    iam.aws_managed_policies_data = json.dumps(_trimmed(json.loads(iam.aws_managed_policies_data)))
    asked = DomainDispatcherApplication.get_backend_for_host
    DomainDispatcherApplication.get_backend_for_host = functools.cache(asked)
    moto.core.responses.method_names_from_class = functools.cache(moto.core.responses.method_names_from_class)
    moto.server.MotoRequestHandler = Handler
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


if __name__ == "__main__":
    _quickly()
    sys.exit(moto.server.main())
