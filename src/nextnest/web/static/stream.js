// Server-sent events that come back: the browser reconnects after a break, this file after a refusal.

export function connect(url, { message, state, connection, gone }) {
  let failures = 0;
  let grace = null;

  function open() {
    const source = new EventSource(url);
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
}

/** Refused because there is no such chat (any more)? An event source does not say. */
async function isGone(url) {
  const answer = await fetch(url.replace(/events$/, "messages")).catch(() => null);
  return answer?.status === 404;
}
