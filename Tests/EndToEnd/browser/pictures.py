#!/usr/bin/env python3
"""Makes the pictures of the README from a running desk, and more of them to look at.

    pictures.py --frontdesk .build/debug/frontdesk --folder DESK --into Services/Console/Pages/pictures [--all FOLDER] [--chromium PATH]

DESK runs with deploy/desk.yaml. FRONTDESK_URL, FRONTDESK_CONSOLE_URL and FRONTDESK_KEY are the addresses and the key of the channel `web`. The
README's pictures are WebP, made by the browser itself. --all keeps PNGs of the desk, the wallboard and the people in three widths, both
languages, light and dark.
"""

import argparse
import base64
import os
import pathlib
import subprocess
import sys

from playwright.sync_api import sync_playwright

from check import Check
from desk import Desk, wait_for

# More than this would make the README slow to open.
PICTURE_BYTES_MAX = 60_000
SIZES = {"1920": (1920, 1080), "1280": (1280, 800), "390": (390, 844)}
# An agent for shipping and returns whom the simulation below leaves alone.
AGENT = "agent-041"
SIMULATED = 14
SAMPLES = 260

CONVERSATIONS = [
    ("李雷", "我的快递一周没动了，单号 A-10023，什么时候能到？"),
    ("Ann Lee", "My parcel A-10024 has not moved for a week. When will it arrive?"),
    ("陈晓", "物流显示已签收，可我没有收到包裹"),
    ("周敏", "快递到哪了，三天没更新了"),
]
REPLY = "您好，A-10023 已联系承运商加急，预计明天上午送达。"
NOTE = "承运商：分拣中心积压，明早第一批派送"
PENDING = ("吴迪", "包裹卡在中转站五天了，能帮忙催一下吗？")

TO_WEBP = """async ([data, quality]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + data;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', quality).split(',')[1];
}"""


def webp(browser, png):
    """The picture as WebP, as good as the limit allows."""
    page = browser.new_page()
    try:
        for quality in (0.85, 0.75, 0.65, 0.5, 0.35):
            data = base64.b64decode(page.evaluate(TO_WEBP, [base64.b64encode(png).decode(), quality]))
            if len(data) <= PICTURE_BYTES_MAX:
                return data
        raise AssertionError(f"{len(data)} bytes at the lowest quality, at most {PICTURE_BYTES_MAX}")
    finally:
        page.close()


class Pictures:
    def __init__(self, check, browser, into, everything):
        self.check = check
        self.desk = check.desk
        self.browser = browser
        self.into = into
        self.everything = everything

    def keep(self, reader, name):
        """For the README."""
        (self.into / f"{name}.webp").write_bytes(webp(self.browser, reader.page.screenshot()))
        print(f"{self.into / name}.webp", flush=True)

    def keep_all(self, reader, name, addresses):
        if not self.everything:
            return
        for size, (width, height) in SIZES.items():
            reader.page.set_viewport_size({"width": width, "height": height})
            for colours in ("light", "dark"):
                reader.page.emulate_media(color_scheme=colours)
                for suffix, address, seen in addresses:
                    if address:
                        reader.page.goto(self.desk.console + address)
                    reader.see(seen)
                    reader.until("!document.querySelector('.loading')")
                    reader.page.screenshot(path=str(self.everything / f"{name}{suffix}-{reader.language}-{colours}-{size}.png"))
        reader.page.set_viewport_size({"width": 1280, "height": 800})
        reader.page.emulate_media(color_scheme="light")

    def agent(self):
        with self.check.reader("zh") as reader:
            self.check.sign_in_agent(reader, AGENT)
            tickets = []
            for customer, text in CONVERSATIONS:
                ticket = self.desk.send(customer, text)
                self.check.accept(reader, ticket, text)
                tickets.append(ticket)
            reader.page.goto(f"{self.desk.console}/desk?ticket={tickets[0]}")
            reader.see(".message.customer")
            self.check.write(reader, "note", NOTE)
            self.check.saved(reader, "note", NOTE)
            reader.press("Escape")
            self.check.write(reader, "reply", REPLY)
            self.check.saved(reader, "reply", REPLY)
            self.desk.send(CONVERSATIONS[0][0], "好的，谢谢！能帮我改送到公司吗？")
            reader.see(".message.customer .message-text", "改送到公司")
            self.desk.send(*PENDING)
            reader.see(".offer", PENDING[1])
            reader.press("Escape", "r")
            reader.see(".composer textarea:focus")
            reader.type("可以的，请告诉我公司地址和电话。")
            self.keep(reader, "desk")
            self.keep_all(reader, "desk", [("", None, ".composer")])
            with self.check.reader("en", state=reader.state()) as english:
                english.page.goto(f"{self.desk.console}/desk?ticket={tickets[1]}")
                english.see(".message.customer")
                self.keep_all(english, "desk", [("", None, ".composer")])

    def overseers(self):
        agents = subprocess.Popen([self.desk.frontdesk, "agents", "simulate", str(SIMULATED), "--handle-time", "60s", "--folder", str(self.desk.folder)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for("agents are available", lambda: sum(row["presence"] == "available" for row in self.desk.get("/v1/agents")["agents"]) > SIMULATED / 2)
            subprocess.run([self.desk.frontdesk, "send", "--folder", str(self.desk.folder), "--via", "http", "--samples", str(SAMPLES), "--prefix", "pictures-"],
                           check=True, stdout=subprocess.DEVNULL, timeout=120)
            wait_for("replies", lambda: sum(sum(queue["answers"]) for queue in self.desk.get("/v1/queues/flow")["queues"]) > SIMULATED)
            wait_for("a crowd", lambda: sum(queue["waiting"] for queue in self.desk.get("/v1/wallboard")["queues"]) > SIMULATED)
            pages = [("", "/wallboard", ".spark"), ("-tv", "/wallboard?tv", ".spark"), ("-people", "/people", "#page tbody tr")]
            for language in ("en", "zh"):
                with self.check.reader(language, state=self.check.operator_state()) as reader:
                    reader.page.goto(f"{self.desk.console}/wallboard")
                    reader.see(".spark")
                    reader.until("document.querySelectorAll('.live').length === 1 && !document.querySelector('.loading')")
                    if language == "en":
                        self.keep(reader, "wallboard")
                    self.keep_all(reader, "wallboard", pages)
        finally:
            agents.terminate()
            agents.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frontdesk", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--into", required=True, type=pathlib.Path)
    parser.add_argument("--all", type=pathlib.Path)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    for folder in filter(None, (arguments.into, arguments.all)):
        folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=sandbox)
        check = Check(Desk(arguments.frontdesk, arguments.folder), browser, None)
        pictures = Pictures(check, browser, arguments.into, arguments.all)
        pictures.agent()
        pictures.overseers()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
