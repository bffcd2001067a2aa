#!/usr/bin/env python3
"""An operator's tool, with nothing but Python's standard library: asks the console for something and follows it until it is finished.

  FRONTDESK_KEY=... operate.py scale SERVICE COUNT REASON
  FRONTDESK_KEY=... operate.py policy show                       prints the policy in force, secrets hidden
  FRONTDESK_KEY=... operate.py policy apply FILE REASON          checks it first: mistakes with their places, and exit status 3
  FRONTDESK_KEY=... operate.py policy restore VERSION REASON
  FRONTDESK_KEY=... operate.py dead-letters KIND REASON          counts those of a kind, and replays exactly these
  FRONTDESK_KEY=... operate.py revoke LABEL REASON               the key with this label

Prints the finished intent as one JSON object. FRONTDESK_URL is the console's address, by default http://127.0.0.1:8081. Exits with 0 when it
was done, 1 when it was refused or failed, 2 when the desk could not be reached, 3 when the policy has mistakes."""
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("FRONTDESK_URL", "http://127.0.0.1:8081")
PATIENCE = 60


def call(path, body=None, key=None):
    headers = {"Authorization": "Bearer " + os.environ["FRONTDESK_KEY"]}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode("utf-8")
    if key is not None:
        headers["Idempotency-Key"] = key
    request = urllib.request.Request(URL + path, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.headers, json.load(answer)


def ask(path, body):
    """Asks twice under one key, as a client does that lost the answer, and follows where `Location` points."""
    key = str(uuid.uuid4())
    status, headers, first = call(path, body, key)
    again = call(path, body, key)[2]
    if status != 202 or again["intent_id"] != first["intent_id"]:
        raise SystemExit("two intents for one key: %s, %s" % (first, again))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        intent = call(headers["Location"])[2]
        if intent["finished_at"] is not None:
            print(json.dumps(intent, ensure_ascii=False), flush=True)
            return 0 if intent["state"] == "done" else 1
        time.sleep(0.1)
    print("nothing came of %s" % headers["Location"], file=sys.stderr)
    return 1


def policy(arguments):
    current = call("/v1/policy")[2]
    if arguments[0] == "show":
        sys.stdout.write(current["document"])
        return 0
    if arguments[0] == "restore":
        return ask("/v1/policy/restore", {
            "version": int(arguments[1]), "based_on": current["version"], "changes_confirmed": True, "reason": arguments[2]})
    with open(arguments[1], encoding="utf-8") as file:
        text = file.read()
    check = call("/v1/policy/check", {"document": text, "based_on": current["version"]})[2]
    if not check["valid"]:
        for mistake in check["mistakes"]:
            print("%(line)d:%(column)d: %(problem)s; %(remedy)s" % mistake)
        return 3
    return ask("/v1/policy", {
        "document": text, "based_on": current["version"], "changes_confirmed": bool(check["changes"]), "reason": arguments[2]})


def run(arguments):
    if arguments[0] == "scale":
        return ask("/v1/workers/scale", {"service": arguments[1], "count": int(arguments[2]), "reason": arguments[3]})
    if arguments[0] == "policy":
        return policy(arguments[1:])
    if arguments[0] == "dead-letters":
        counted = call("/v1/dead-letters?kind=" + arguments[1])[2]["set"]
        return ask("/v1/dead-letters/replays", {**counted, "kind": arguments[1], "per_second": 1000, "reason": arguments[2]})
    keys = [key for key in call("/v1/keys")[2]["keys"] if key["label"] == arguments[1] and key["revoked_at"] is None]
    if len(keys) != 1:
        raise SystemExit("%d keys have the label %s" % (len(keys), arguments[1]))
    return ask("/v1/keys/%s/revoke" % keys[0]["key_id"], {"reason": arguments[2]})


def main(arguments):
    lengths = {"scale": (4,), "policy": (2, 3, 4), "dead-letters": (3,), "revoke": (3,)}
    if not arguments or len(arguments) not in lengths.get(arguments[0], ()):
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
