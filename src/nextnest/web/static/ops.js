// Keeps the operator's page fresh without losing place or focus. Without this file, reload the page.

const EVERY = 10_000;

async function refresh() {
  if (document.hidden || document.activeElement?.closest("form[action='/ops/retry']")) return;
  try {
    const response = await fetch("/ops", { headers: { Accept: "text/html" } });
    if (!response.ok) return; // a proxy's page, while the server starts again
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (fresh) document.querySelector("[data-live]").replaceWith(fresh);
    else location.reload(); // the session has ended: the login is shown
  } catch {
    // not reachable just now; the next round tries again
  }
}

setInterval(refresh, EVERY);
