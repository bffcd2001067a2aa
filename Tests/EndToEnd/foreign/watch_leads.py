#!/usr/bin/env python3
"""What a lead's tools do, with nothing but Python's standard library: reads a stream of notices and the lists of the console.

  FRONTDESK_KEY=... watch_leads.py stream KIND...       reads the stream until a notice of each kind has come; prints one JSON object a line
  FRONTDESK_KEY=... watch_leads.py list PATH            reads a list page by page (cursors); prints one JSON object a line

FRONTDESK_URL is the console's address, by default http://127.0.0.1:8081. Exits with 0 when all was read, 1 when the desk refused,
2 when it could not be reached or ended the stream."""
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ.get("FRONTDESK_URL", "http://127.0.0.1:8081")


def open_path(path, timeout):
    request = urllib.request.Request(URL + path, headers={"Authorization": "Bearer " + os.environ["FRONTDESK_KEY"]})
    return urllib.request.urlopen(request, timeout=timeout)


def stream(kinds):
    missing = set(kinds)
    event = None
    # Pings come more often than the time-out.
    with open_path("/v1/agents/me/stream", 120) as lines:
        for raw in lines:
            line = raw.decode("utf-8").rstrip("\n")
            if line.startswith("event:"):
                event = line[6:].strip()
            elif line.startswith("data:") and event == "notice":
                notice = json.loads(line[5:])
                print(json.dumps(notice, ensure_ascii=False), flush=True)
                missing.discard(notice["kind"])
                if not missing:
                    return 0
            elif not line:
                event = None
    print("the stream ended without " + ", ".join(sorted(missing)), file=sys.stderr)
    return 2


def pages(path):
    cursor = None
    while True:
        mark = "&" if "?" in path else "?"
        name = "before" if path.startswith("/v1/notices") else "cursor"
        target = path if cursor is None else path + mark + name + "=" + urllib.parse.quote(cursor)
        with open_path(target, 30) as answer:
            page = json.load(answer)
        for elements in page.values():
            if isinstance(elements, list):
                for element in elements:
                    print(json.dumps(element, ensure_ascii=False))
        cursor = page.get("next")
        if cursor is None:
            return 0


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("stream", "list"):
        print(__doc__, file=sys.stderr)
        return 64
    try:
        return stream(arguments[1:]) if arguments[0] == "stream" else pages(arguments[1])
    except urllib.error.HTTPError as error:
        print("the desk answered %d: %s" % (error.code, error.read().decode("utf-8", "replace")), file=sys.stderr)
        return 1
    except OSError as error:
        print("the desk could not be reached: %s" % error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
