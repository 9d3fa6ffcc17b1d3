// Server-sent events that come back: the browser reconnects after a break, this file after a refusal or a silence.

const SILENCE = 60_000; // the server says something every 15 to 20 s: after this nobody is there any more

export function connect(url, { message, state, connection, gone }) {
  let failures = 0;
  let grace = null;
  let source = null;
  let last = ""; // id of the last message: a new source does not know it
  let heard = 0;

  const hear = (event) => {
    heard = Date.now();
    last = event.lastEventId || last;
  };

  function open() {
    heard = Date.now();
    source = new EventSource(last ? `${url}?after=${last}` : url);
    for (const kind of ["message", "state", "ping", "open"]) source.addEventListener(kind, hear);
    source.addEventListener("message", (event) => event.data && message(JSON.parse(event.data)));
    source.addEventListener("state", (event) => {
      failures = 0;
      state(JSON.parse(event.data));
    });
    source.addEventListener("open", () => {
      clearTimeout(grace);
      grace = null;
      connection(true);
    });
    source.addEventListener("error", async () => {
      // a short break is not worth a word
      grace ??= setTimeout(() => connection(false), 2500);
      if (source.readyState === EventSource.CLOSED) {
        if (await isGone(url)) return gone();
        failures += 1;
        setTimeout(open, Math.min(30_000, 1000 * 2 ** failures) * (0.75 + Math.random() / 2));
      }
    });
  }

  open();
  // A phone that slept has a line that looks open, and hears nothing on it for ever.
  setInterval(() => {
    if (source.readyState === EventSource.CLOSED || Date.now() - heard < SILENCE) return;
    source.close();
    open();
  }, 5000);
}

/** Refused because there is no such chat (any more)? An event source does not say. */
async function isGone(url) {
  const answer = await fetch(url.replace(/events$/, "messages")).catch(() => null);
  return answer?.status === 404;
}
