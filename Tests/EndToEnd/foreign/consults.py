#!/usr/bin/env python3
"""An interface person's tool, with nothing but Python's standard library: waits for consults on the agent's stream.

  FRONTDESK_KEY=... consults.py answer TEXT     waits for an open consult, reads the ticket's conversation, answers it with TEXT
  FRONTDESK_KEY=... consults.py wait            waits until a consult of the agent is answered

Prints the consult, and what was read of the conversation, as one JSON object a line. FRONTDESK_URL is the console's address, by default
http://127.0.0.1:8081. Exits with 0 when all was done, 1 when the desk refused, 2 when it could not be reached or ended the stream."""
import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ.get("FRONTDESK_URL", "http://127.0.0.1:8081")


def call(path, body=None, timeout=30):
    headers = {"Authorization": "Bearer " + os.environ["FRONTDESK_KEY"]}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode("utf-8")
    return urllib.request.urlopen(urllib.request.Request(URL + path, data=data, headers=headers), timeout=timeout)


def consult(state):
    """The next consult in this state on the stream; None if the stream ends."""
    event = None
    # Pings come more often than the time-out.
    with call("/v1/agents/me/stream", timeout=120) as lines:
        for raw in lines:
            line = raw.decode("utf-8").rstrip("\n")
            if line.startswith("event:"):
                event = line[6:].strip()
            elif line.startswith("data:") and event == "consult":
                found = json.loads(line[5:])
                if found["state"] == state:
                    return found
            elif not line:
                event = None
    return None


def run(arguments):
    found = consult("open" if arguments[0] == "answer" else "answered")
    if found is None:
        print("the stream ended without a consult", file=sys.stderr)
        return 2
    print(json.dumps(found, ensure_ascii=False), flush=True)
    if arguments[0] == "answer":
        with call("/v1/tickets/%s/messages" % found["ticket_id"]) as answer:
            print(json.dumps(json.load(answer), ensure_ascii=False), flush=True)
        with call("/v1/consults/%s/answer" % found["consult_id"], {"text": arguments[1]}) as answer:
            print(json.dumps(json.load(answer), ensure_ascii=False), flush=True)
    return 0


def main(arguments):
    if arguments != ["wait"] and not (len(arguments) == 2 and arguments[0] == "answer"):
        print(__doc__, file=sys.stderr)
        return 64
    try:
        return run(arguments)
    except urllib.error.HTTPError as error:
        print("the desk answered %d: %s" % (error.code, error.read().decode("utf-8", "replace")), file=sys.stderr)
        return 1
    except OSError as error:
        print("the desk could not be reached: %s" % error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
