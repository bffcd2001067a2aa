#!/usr/bin/env python3
"""Fetches replies from a desk over HTTP, using only the standard library.

    FRONTDESK_KEY=… replies_http.py [--after CURSOR]            all replies behind a cursor, page by page
    FRONTDESK_KEY=… replies_http.py --stream [--after CURSOR]   --count events of the stream, behind the cursor
    FRONTDESK_KEY=… replies_http.py --receipt ID STATE [REASON] reports a state of a reply

FRONTDESK_URL is intake's address, default http://127.0.0.1:8080. Prints one reply, or the result, per line. Exits with 0 for a 2xx, 1 when the
desk refused, 2 when it could not be reached or the events did not come in time.
"""

import argparse
import http.client
import json
import os
import sys
import urllib.parse

# Small, so that a few replies need several pages.
PAGE_REPLIES = 3


class Refused(Exception):
    """The desk answered with another status than 2xx."""


class Intake:
    """A connection with the channel's key."""

    def __init__(self, timeout_s):
        url = urllib.parse.urlsplit(os.environ.get("FRONTDESK_URL", "http://127.0.0.1:8080"))
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(url.hostname, url.port, timeout=timeout_s)
        self.headers = {"Authorization": "Bearer " + os.environ["FRONTDESK_KEY"]}

    def ask(self, method, path, body=None, headers=None):
        """Returns the response, whose body is not read yet."""
        sent = self.headers | (headers or {}) | ({"Content-Type": "application/json"} if body else {})
        self.connection.request(method, path, body=json.dumps(body).encode() if body else None, headers=sent)
        response = self.connection.getresponse()
        if response.status // 100 != 2:
            raise Refused(f"{response.status} {response.read().decode()}")
        return response

    def replies(self, cursor):
        """Yields all replies behind a cursor."""
        while True:
            query = urllib.parse.urlencode({"limit": PAGE_REPLIES} | ({"after": cursor} if cursor else {}))
            page = json.loads(self.ask("GET", "/v1/replies?" + query).read())
            if not page["replies"]:
                return
            yield from page["replies"]
            cursor = page["next"]

    def events(self, cursor):
        """Yields the id and the reply of each event."""
        stream = self.ask("GET", "/v1/replies/stream", headers={"Last-Event-ID": cursor} if cursor else {})
        fields = {}
        while line := stream.readline():
            text = line.decode().rstrip("\r\n")
            if not text:
                if fields.get("event") == "reply":
                    yield fields["id"], json.loads(fields["data"])
                fields = {}
            elif not text.startswith(":"):
                name, _, value = text.partition(":")
                fields[name] = value.removeprefix(" ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--after", metavar="CURSOR")
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--count", type=int, default=1, help="events to wait for")
    parser.add_argument("--receipt", nargs="+", metavar=("ID", "STATE"))
    parser.add_argument("--timeout-s", type=float, default=60, help="without any byte from the desk")
    arguments = parser.parse_args()
    intake = Intake(arguments.timeout_s)

    def show(value):
        print(json.dumps(value, ensure_ascii=False), flush=True)

    try:
        if arguments.receipt:
            receipt = dict(zip(("reply_id", "state", "reason"), arguments.receipt))
            answer = intake.ask("POST", "/v1/replies/receipts", {"receipts": [receipt]})
            for result in json.loads(answer.read())["results"]:
                show(result)
        elif arguments.stream:
            left = arguments.count
            for cursor, reply in intake.events(arguments.after):
                if cursor != reply["cursor"]:
                    raise Refused(f"the event's id {cursor} is not the reply's cursor")
                show(reply)
                left -= 1
                if left == 0:
                    return 0
            return 2
        else:
            for reply in intake.replies(arguments.after):
                show(reply)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
