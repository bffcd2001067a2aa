#!/usr/bin/env python3
"""Searches the desk, with nothing but Python's standard library.

  FRONTDESK_KEY=... search.py [--wait TICKET] [--state STATES] [--queue QUEUES] WORDS...

Prints each found ticket as a line: its identifier, state, customer and the excerpt, with matches in [brackets]; then each customer. Reads all
pages. With --wait it searches again until the ticket is found, because new messages are found some seconds after they were written.
FRONTDESK_URL is the console's address, by default http://127.0.0.1:8081. Exits with 0 when something was found, 1 when nothing was, 2 when
the desk refused or could not be reached."""
import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ.get("FRONTDESK_URL", "http://127.0.0.1:8081")


def page(parameters):
    request = urllib.request.Request(
        URL + "/v1/search?" + urllib.parse.urlencode(parameters), headers={"Authorization": "Bearer " + os.environ["FRONTDESK_KEY"]})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def search(parameters):
    """All tickets, and the customers of the first page."""
    found = page(parameters)
    tickets, customers = found["tickets"], found["customers"]
    while found["next"] is not None:
        found = page({**parameters, "cursor": found["next"]})
        tickets += found["tickets"]
    return tickets, customers


def marked(message):
    # Python counts characters as the desk does.
    text = message["excerpt"]
    for match in reversed(message["matches"]):
        start, end = match["at"], match["at"] + match["length"]
        text = text[:start] + "[" + text[start:end] + "]" + text[end:]
    return text.replace("\n", " ")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--wait")
    arguments.add_argument("--state")
    arguments.add_argument("--queue")
    arguments.add_argument("words", nargs="+")
    given = arguments.parse_args()
    parameters = {"q": " ".join(given.words), "limit": 2}
    parameters.update({name: value for name in ("state", "queue") if (value := getattr(given, name))})
    try:
        while True:
            tickets, customers = search(parameters)
            if given.wait is None or any(ticket["ticket_id"] == given.wait for ticket in tickets):
                break
            time.sleep(0.2)
    except urllib.error.HTTPError as error:
        print("the desk answered %d: %s" % (error.code, error.read().decode("utf-8", "replace")), file=sys.stderr)
        return 2
    except OSError as error:
        print("the desk could not be reached: %s" % error, file=sys.stderr)
        return 2
    for ticket in tickets:
        print(ticket["ticket_id"], ticket["state"], ticket["customer"], marked(ticket["message"]), sep="\t", flush=True)
    for customer in customers:
        print("customer", customer["channel"], customer["customer"], sep="\t", flush=True)
    return 0 if tickets or customers else 1


if __name__ == "__main__":
    sys.exit(main())
