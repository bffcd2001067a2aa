"""What trials see through: a wrong clock, the streams that a browser has open, what is drawn, what a change touches."""

# The machine's clock, as scripts see it.
SHIFTED_CLOCK = """
{
  const real = Date;
  const shift = %d * 60000;
  globalThis.Date = class extends real {
    constructor(...parts) { parts.length > 0 ? super(...parts) : super(real.now() + shift); }
    static now() { return real.now() + shift; }
  };
}
"""


class Streams:
    """The streams that a browser profile has open, by its own requests."""

    def __init__(self, context):
        self.requests = {}
        self.begun = 0
        # The pages that sent replies.
        self.replies = []
        context.on("request", self.began)
        context.on("requestfinished", self.ended)
        context.on("requestfailed", self.ended)
        context.on("page", lambda page: page.on("close", self.closed))
        context.add_init_script(COUNT_PINGS)

    def began(self, request):
        if request.method == "POST" and request.url.endswith("/replies"):
            self.replies.append(request.frame.page)
        if request.url.endswith("/v1/agents/me/stream"):
            self.begun += 1
            self.requests[request] = request.frame.page

    def ended(self, request):
        self.requests.pop(request, None)

    def closed(self, page):
        self.requests = {request: owner for request, owner in self.requests.items() if owner != page}

    def open(self):
        return [page for page in self.requests.values() if not page.is_closed()]


# Counts the keep-alives that a page reads.
COUNT_PINGS = """
{
  globalThis.pings = 0;
  const real = TextDecoderStream;
  globalThis.TextDecoderStream = class extends real {
    get readable() {
      return super.readable.pipeThrough(new TransformStream({ transform(text, out) {
        if (text.includes(': ping')) globalThis.pings += 1;
        out.enqueue(text);
      } }));
    }
  };
}
"""

# Scrolls from the end to the beginning, and returns how many messages had their content drawn at each step.
DRAWN_WHILE_SCROLLING = """
async () => {
  const scroller = document.querySelector('.scroller');
  const counts = [];
  scroller.scrollTop = scroller.scrollHeight;
  for (let step = 0; step < 200 && scroller.scrollTop > 0; step += 1) {
    scroller.scrollTop -= scroller.clientHeight * 0.8;
    await new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)));
    counts.push([...document.querySelectorAll('.message-text')].filter((text) => text.checkVisibility({ contentVisibilityAuto: true })).length);
  }
  return counts;
}
"""

# Remembers which rows of a list are touched by any change of the document.
WATCH_CHANGES = """
(selector) => {
  const list = document.querySelector(selector);
  const rows = new Set();
  const observer = new MutationObserver((records) => { for (const record of records) note(record); });
  const rowOf = (node) => {
    while (node && node.parentNode !== list) node = node.parentNode;
    return node;
  };
  function note(record) {
    for (const node of record.target === list ? [...record.addedNodes, ...record.removedNodes] : [rowOf(record.target)]) {
      // The clocks tick each second, whatever happens.
      if (node?.dataset && !record.target.closest?.('.promise') && !record.target.parentNode?.closest?.('.promise')) rows.add(node.dataset.key);
    }
  }
  observer.observe(list, { subtree: true, childList: true, attributes: true, characterData: true });
  window.changedRows = () => {
    for (const record of observer.takeRecords()) note(record);
    observer.disconnect();
    return [...rows];
  };
}
"""
