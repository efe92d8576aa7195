"""The calculator call as a WSGI application, for tests/bench/run: read,
check, work out, answer, as agentd does it."""

import datetime
import json
import operator
import os
import time
import uuid

OPERATIONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}
MEMBERS = {"operation", "a", "b"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def answer(start_response, request_id, status, body):
    text = json.dumps(body).encode() + b"\n"
    start_response(status, [
        ("Content-Type", "application/json"),
        ("X-Request-Id", request_id),
        ("Content-Length", str(len(text))),
    ])
    return [text]


def application(environ, start_response):
    start = time.monotonic_ns()
    request_id = str(uuid.uuid4())
    length = int(environ.get("CONTENT_LENGTH") or 0)
    try:
        call = json.loads(environ["wsgi.input"].read(length))
        params = call["params"]
        known = call["tool_name"] == "calculator"
    except (ValueError, KeyError, TypeError):
        known = False
    if not known or not isinstance(params, dict):
        return answer(start_response, request_id, "400 Bad Request",
                      {"error": "not a call"})
    run = OPERATIONS.get(params.get("operation"))
    a, b = params.get("a"), params.get("b")
    if not run or not is_number(a) or not is_number(b) or params.keys() - MEMBERS:
        return answer(start_response, request_id, "422 Unprocessable Content",
                      {"error": "the parameters do not fit"})
    if run is operator.truediv and b == 0:
        return answer(start_response, request_id, "200 OK",
                      {"success": False, "error": "division by zero"})
    now = datetime.datetime.now(datetime.timezone.utc)
    return answer(start_response, request_id, "200 OK", {
        "request_id": request_id,
        "agent_id": "gunicorn-%d" % os.getpid(),
        "success": True,
        "result": {"operation": params["operation"], "a": a, "b": b,
                   "result": run(a, b)},
        "processed_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "duration": time.monotonic_ns() - start,
        "queued": 0,
        "attempts": 1,
    })
