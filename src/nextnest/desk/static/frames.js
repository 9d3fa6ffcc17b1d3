// Dashboard apps: other people's pages in a frame, told which conversation is open.

import { h } from "./dom.js";

const ASKED = "chatwoot-dashboard-app:fetch-info";
let frame = null;
let target = "";
let contextOf = () => null;

/** Tabs "Messages" and one for each app; choosing an app shows its frame instead of the messages. */
export function drawApps(state, context) {
  contextOf = context;
  frame = null;
  const bar = document.getElementById("app-tabs");
  if (!bar || !state.apps.length) return;
  const tab = (title, app) =>
    h("button", { type: "button", className: "tab", "aria-pressed": String(!app), onclick: (event) => choose(app, event.currentTarget) }, title);
  bar.replaceChildren(tab("Messages", null), ...state.apps.map((app) => tab(app.title, app)));
}

function choose(app, chosen) {
  for (const tab of chosen.parentElement.children) tab.setAttribute("aria-pressed", String(tab === chosen));
  const box = document.getElementById("app-frame");
  document.getElementById("messages").hidden = Boolean(app);
  document.getElementById("composer").hidden = Boolean(app);
  box.hidden = !app;
  frame = null;
  if (!app) {
    box.replaceChildren();
    return;
  }
  const { url } = app.content[0];
  target = new URL(url, location.href).origin;
  frame = h("iframe", {
    title: app.title, src: url, referrerPolicy: "no-referrer",
    sandbox: "allow-scripts allow-same-origin allow-forms allow-popups", onload: tell,
  });
  box.replaceChildren(frame);
}

/** `appContext`, as a string of JSON: that is what Chatwoot sends. */
export function tell() {
  const data = contextOf();
  if (!frame || !data) return;
  frame.contentWindow.postMessage(JSON.stringify({ event: "appContext", data }), target);
}

window.addEventListener("message", (event) => {
  if (frame && event.source === frame.contentWindow && event.data === ASKED) tell();
});
