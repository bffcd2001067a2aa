#!/usr/bin/env python3
"""Subscribes to replies over ZeroMQ, using only Frontdesk's documented framing (Shared/Wire/README.md).

    pip install --require-hashes -r deploy/requirements/tools.txt     (it needs pyzmq of those)
    replies_zeromq.py --count 1 --acknowledge

Endpoint and keys come from FRONTDESK_CHANNEL_ENDPOINT, FRONTDESK_SERVER_KEY, FRONTDESK_PUBLIC_KEY and FRONTDESK_SECRET_KEY. Prints one reply
per line. Exits with 0 when it has that many replies, 1 when the desk refused, 2 when they did not come in time.
"""

import argparse
import json
import os
import sys
import time

import zmq

SUBSCRIPTION = b"application/vnd.frontdesk.reply-subscription+json"
REPLY = b"application/vnd.frontdesk.reply+json"
RECEIPTS = b"application/vnd.frontdesk.reply-receipts+json"
# A subscription lasts a minute.
RENEWAL_SECONDS = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--twice", action="store_true", help="wait until each reply has come again, unacknowledged")
    parser.add_argument("--acknowledge", action="store_true", help="report the replies as sent")
    parser.add_argument("--timeout-s", type=float, default=60)
    arguments = parser.parse_args()
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    for option in ("server", "public", "secret"):
        setattr(socket, f"curve_{option}key", os.environ[f"FRONTDESK_{option.upper()}_KEY"].encode("ascii"))
    socket.connect(os.environ["FRONTDESK_CHANNEL_ENDPOINT"])
    end = time.monotonic() + arguments.timeout_s
    renewal = 0.0
    # How often each reply has come.
    seen = {}
    wanted = []
    confirmed = not arguments.acknowledge
    try:
        while (now := time.monotonic()) < end and not (len(wanted) >= arguments.count and confirmed):
            if now >= renewal:
                renewal = now + RENEWAL_SECONDS
                if socket.poll(int((end - now) * 1000), zmq.POLLOUT):
                    socket.send_multipart([b"s", SUBSCRIPTION, json.dumps({"window": 16}).encode()])
            if not socket.poll(500, zmq.POLLIN):
                continue
            request_id, content_type, body = socket.recv_multipart()
            content = json.loads(body)
            if content_type == b"application/problem+json":
                print(json.dumps(content, ensure_ascii=False), file=sys.stderr)
                return 1
            if content_type == RECEIPTS:
                confirmed = True
            if content_type != REPLY or len(wanted) == arguments.count:
                continue
            # A reply that comes again has the same id.
            name = content["reply_id"]
            seen[name] = seen.get(name, 0) + 1
            if seen[name] != (2 if arguments.twice else 1):
                continue
            wanted.append(name)
            print(json.dumps(content, ensure_ascii=False))
            if len(wanted) == arguments.count and arguments.acknowledge:
                receipts = [{"reply_id": name, "state": "sent"} for name in wanted]
                socket.send_multipart([b"r", RECEIPTS, json.dumps({"receipts": receipts}).encode()])
    finally:
        socket.close()
        context.term()
    return 0 if len(wanted) >= arguments.count and confirmed else 2


if __name__ == "__main__":
    sys.exit(main())
