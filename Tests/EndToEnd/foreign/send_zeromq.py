#!/usr/bin/env python3
"""Sends messages to a desk over ZeroMQ, using only Frontdesk's documented framing (Shared/Wire/README.md).

    pip install --require-hashes -r deploy/requirements/tools.txt     (it needs pyzmq of those)
    send_zeromq.py --endpoint tcp://127.0.0.1:7200 --server-key=KEY --public-key=KEY --secret-key=KEY "Where is my parcel?"
    send_zeromq.py … --input messages.ndjson         one JSON object per line, with id, customer and text

Keys are CURVE keys in Z85 (40 characters, of which the first may be a hyphen: write the =). FRONTDESK_SERVER_KEY,
FRONTDESK_PUBLIC_KEY and FRONTDESK_SECRET_KEY can supply them, so that they are not visible in process lists. Prints one result per line.
Exits with 0 when every message was accepted or a duplicate, 1 when one was rejected, 2 when there was no answer, 64 for a usage
error or an unreadable message file.
"""

import argparse
import json
import os
import sys
import time
import uuid

import zmq

BATCH_MESSAGES_MAX = 100
# An unanswered batch is sent again: the messages' ids make retries harmless.
ATTEMPTS_MAX = 3


class Channel:
    """A DEALER that sends a request and waits for the answer with the same request id."""

    def __init__(self, context, endpoint, server_key, public_key, secret_key, timeout_ms):
        self.timeout_ms = timeout_ms
        self.socket = context.socket(zmq.DEALER)
        # Without a linger of 0, closing would wait for an unreachable server.
        self.socket.linger = 0
        self.socket.curve_serverkey = server_key.encode("ascii")
        self.socket.curve_publickey = public_key.encode("ascii")
        self.socket.curve_secretkey = secret_key.encode("ascii")
        self.socket.connect(endpoint)

    def ask(self, messages):
        """Returns the results in the messages' order, or None without an answer in time."""
        request_id = uuid.uuid4().bytes
        body = json.dumps(messages, ensure_ascii=False).encode("utf-8")
        deadline = time.monotonic() + self.timeout_ms / 1000
        # A server that refuses the key never accepts the message: the send itself must not block forever.
        if not self.socket.poll(self.timeout_ms, zmq.POLLOUT):
            return None
        self.socket.send_multipart([request_id, b"application/json", body])
        while (left_ms := int((deadline - time.monotonic()) * 1000)) > 0:
            if not self.socket.poll(left_ms, zmq.POLLIN):
                return None
            frames = self.socket.recv_multipart()
            # A late answer to an earlier attempt is ignored.
            if frames[0] != request_id:
                continue
            if frames[1] != b"application/json":
                raise Refused(json.loads(frames[2]))
            return json.loads(frames[2])["results"]
        return None


class Parser(argparse.ArgumentParser):
    """Exits with 64 for usage errors, because 2 means that there was no answer."""

    def error(self, message):
        self.exit(64, f"{self.prog}: {message}\n")


class Refused(Exception):
    """The request as a whole was answered with a problem (RFC 9457)."""


class Unreadable(Exception):
    """The message file cannot be read."""


def batches(arguments):
    if arguments.input is None:
        for number, text in enumerate(arguments.text):
            yield [{"id": f"{arguments.prefix}{uuid.uuid4()}-{number}", "customer": arguments.customer, "text": text}]
        return
    try:
        source = sys.stdin if arguments.input == "-" else open(arguments.input, encoding="utf-8")
    except OSError as error:
        raise Unreadable(str(error)) from error
    with source:
        batch = []
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                batch.append(json.loads(line))
            except ValueError as error:
                raise Unreadable(f"line {number} is not JSON: {error}") from error
            if len(batch) == BATCH_MESSAGES_MAX:
                yield batch
                batch = []
        if batch:
            yield batch


def arguments_of_the_command():
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="*", help="a message, or several")
    parser.add_argument("--endpoint", default=os.environ.get("FRONTDESK_CHANNEL_ENDPOINT", "tcp://127.0.0.1:7200"))
    for name in ("server", "public", "secret"):
        parser.add_argument(f"--{name}-key", default=os.environ.get(f"FRONTDESK_{name.upper()}_KEY"))
    parser.add_argument("--customer", default="pyzmq-customer", help="the channel's own id of the customer")
    parser.add_argument("--prefix", default="pyzmq-", help="the prefix of the ids generated for TEXT")
    parser.add_argument("--input", help="a file of NDJSON, or - for standard input")
    parser.add_argument("--timeout-ms", type=int, default=5000, help="for each attempt")
    arguments = parser.parse_args()
    if bool(arguments.text) == (arguments.input is not None):
        parser.error("give either messages or --input")
    for name in ("server", "public", "secret"):
        if len(getattr(arguments, f"{name}_key") or "") != 40:
            parser.error(f"--{name}-key: 40 characters of Z85 are required (`frontdesk keys` creates a pair)")
    return arguments


def main():
    arguments = arguments_of_the_command()
    rejected = 0
    context = zmq.Context()
    channel = Channel(
        context, arguments.endpoint, arguments.server_key, arguments.public_key, arguments.secret_key,
        arguments.timeout_ms)
    try:
        for batch in batches(arguments):
            results = None
            for _ in range(ATTEMPTS_MAX):
                results = channel.ask(batch)
                if results is not None:
                    break
            if results is None:
                print(
                    f"no answer from {arguments.endpoint} in {ATTEMPTS_MAX} attempts: is it the right address, and is the key "
                    "known there? A refused key gets no answer.", file=sys.stderr)
                return 2
            for result in results:
                print(json.dumps(result, ensure_ascii=False))
                rejected += result["status"] == "rejected"
    except Refused as refused:
        print(json.dumps(refused.args[0], ensure_ascii=False), file=sys.stderr)
        return 1
    except (Unreadable, UnicodeDecodeError) as unreadable:
        print(f"--input: {unreadable}", file=sys.stderr)
        return 64
    finally:
        channel.socket.close()
        context.term()
    return 1 if rejected else 0


if __name__ == "__main__":
    sys.exit(main())
