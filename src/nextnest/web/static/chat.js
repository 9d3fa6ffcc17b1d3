// The chat page: a live thread, and words that are never lost between here and the server.

import { element } from "./dom.js";
import { markdown } from "./markdown.js";
import { Unsent } from "./unsent.js";
import { connect } from "./stream.js";

const base = location.pathname.replace(/\/$/, "");
const log = document.getElementById("log");
const scroller = document.getElementById("thread");
const writer = document.getElementById("writer");
const text = document.getElementById("text");
const sendButton = document.getElementById("send");
const typing = document.getElementById("typing");
const notice = document.getElementById("notice");
const holder = document.getElementById("holder");
const askForPerson = document.getElementById("person");
const shown = new Map(); // message id: its element
const arrived = new Set(); // the client_id of what was said here and stands in the thread
const unsent = new Unsent(base);
let state = { holder: "assistant", typing: false, ready: true, pending: [] };
let connected = true;
let deleted = false;
let heard = false; // anything at all yet
let personName = null;
let asked = false; // for a person, and nobody has answered yet

// ---- the thread

const timeZone = "Asia/Singapore";
const day = new Intl.DateTimeFormat("en-SG", { weekday: "long", day: "numeric", month: "long", timeZone });
const clock = new Intl.DateTimeFormat("en-SG", { hour: "numeric", minute: "2-digit", timeZone });

function render(message) {
  const mine = message.author === "customer";
  const at = new Date(message.at);
  const who = mine ? "You" : message.author === "person" ? (message.name ?? "A colleague") : "AI assistant";
  const words = message.text && (mine ? message.text : markdown(message.text));
  const body = element("div", { class: "words" }, words || null, ...(message.files ?? []).map(file));
  const status = { sending: "Sending…", unsent: "Waiting for a connection" }[message.state] ?? clock.format(at);
  return element(
    "li",
    { class: `message ${message.author}`, "data-id": message.id, "data-day": day.format(at), "data-who": who },
    element("p", { class: "who" }, who),
    body,
    element("p", { class: "when" }, element("time", { datetime: message.at }, status)),
  );
}

/** A link to a file that Chatwoot keeps; its address ends with its name. */
function file(address) {
  const href = /^https?:\/\//.test(address) ? address : "#";
  let name = address.split(/[?#]/)[0].split("/").pop();
  try {
    name = decodeURIComponent(name);
  } catch {
    // a name with a bare percent sign: shown as it is
  }
  return element("p", {}, element("a", { href, target: "_blank", rel: "noopener noreferrer" }, `Attached: ${name || "a file"}`));
}

/** Once for each thing said: news from the thread and the answer to our own request come in any order. */
function put(message) {
  const waits = message.state !== "sent";
  if (waits && arrived.has(message.client_id)) return;
  const before = shown.get(message.id);
  const said = JSON.stringify(message);
  if (before?.said === said) return; // told again: not a word of it is to be read out again
  const atEnd = isAtEnd();
  if (!waits && message.client_id) {
    arrived.add(message.client_id);
    remove(`client:${message.client_id}`);
  }
  const made = render(message);
  made.said = said;
  if (before) before.replaceWith(made);
  else if (!waits) log.insertBefore(made, firstWaiting());
  else log.append(made);
  shown.set(message.id, made);
  if (message.author !== "customer") asked = false;
  if (message.author === "person" && message.name) personName = message.name;
  arrange();
  arrangeState();
  if (atEnd || (message.author === "customer" && !before)) toEnd();
}

const firstWaiting = () => log.querySelector('[data-id^="client:"]');

function remove(id) {
  shown.get(id)?.remove();
  shown.delete(id);
}

/** Day headings, "has joined" lines, and who speaks only where the speaker changes. */
function arrange() {
  while (log.lastElementChild?.matches(".divider")) log.lastElementChild.remove();
  let lastDay = null;
  let lastWho = null;
  let person = false;
  for (const item of log.querySelectorAll(".message")) {
    const lines = [];
    if (item.dataset.day !== lastDay) lines.push(element("li", { class: "divider" }, item.dataset.day));
    const isPerson = item.classList.contains("person");
    if (isPerson && !person)
      lines.push(element("li", { class: "divider joined" }, `${item.dataset.who} has joined the chat`));
    if (isPerson) person = true;
    else if (item.classList.contains("assistant")) person = false;
    item.classList.toggle("follows", !lines.length && item.dataset.who === lastWho);
    divide(item, lines);
    lastWho = item.dataset.who;
    lastDay = item.dataset.day;
  }
}

/** Lines above a message. Those that stand there already stay: a screen reader reads out what is added. */
function divide(item, lines) {
  const there = [];
  for (let line = item.previousElementSibling; line?.matches(".divider"); line = line.previousElementSibling)
    there.unshift(line);
  if (there.length === lines.length && there.every((line, place) => line.isEqualNode(lines[place]))) return;
  for (const line of there) line.remove();
  item.before(...lines);
}

const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
const toEnd = () => (scroller.scrollTop = scroller.scrollHeight);

// ---- who holds it, and is anybody there

const WORDS = {
  deleted: "This chat was deleted. To start again, go to our first page.",
  offline: "You are offline. What you write is kept and sent when you are back.",
  lost: "The connection was lost. Trying again; what you write is kept.",
  notReady: "We are connecting you. You can write already: nothing is lost, the answer may take a moment.",
};

function arrangeState() {
  const atEnd = isAtEnd();
  // nobody is writing once the answer stands there, even when that news is on its way still
  const answered = !log.querySelector(".message:last-of-type")?.classList.contains("customer");
  typing.hidden = !(state.typing && connected) || (answered && log.childElementCount > 0);
  askForPerson.hidden = state.holder === "person";
  holder.textContent = {
    assistant: "Our AI assistant answers",
    person: personName ? `${personName} is with you` : "A person will answer here",
    closed: "This chat was closed · write, and it opens again",
  }[state.holder];
  document.body.dataset.holder = state.holder;
  const trouble = [
    [deleted, WORDS.deleted],
    [!navigator.onLine, WORDS.offline],
    [!connected, WORDS.lost],
    [!state.ready, WORDS.notReady],
  ].find(([is]) => is);
  notice.hidden = !trouble;
  if (trouble) notice.textContent = trouble[1];
  if (atEnd) toEnd();
}

function onState(news) {
  heard = true;
  if (news.holder !== state.holder) asked = false;
  state = news;
  for (const id of [...shown.keys()]) {
    const clientId = id.startsWith("client:") ? id.slice(7) : null;
    // while Chatwoot is away nobody can tell whether it stands in the thread
    if (clientId && state.ready && !state.pending.includes(id) && !unsent.has(clientId)) remove(id);
  }
  arrange();
  arrangeState();
}

// ---- writing

function say(words) {
  const clientId = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2, 12)}`;
  unsent.add({ client_id: clientId, text: words, at: new Date().toISOString() });
  put(waiting(unsent.get(clientId), "sending"));
  flush();
}

const waiting = (kept, how) => ({
  id: `client:${kept.client_id}`,
  client_id: kept.client_id,
  author: "customer",
  text: kept.text,
  at: kept.at,
  state: how,
});

let flushing = false;
async function flush() {
  if (flushing) return;
  flushing = true;
  try {
    for (let kept; (kept = unsent.first()); ) {
      const answer = await post(kept);
      if (answer === "later") {
        put(waiting(kept, "unsent"));
        setTimeout(flush, unsent.pause());
        break;
      }
      unsent.remove(kept.client_id);
      if (answer !== "refused") put(answer);
      else {
        remove(`client:${kept.client_id}`);
        text.value = [kept.text, text.value].filter(Boolean).join("\n"); // to be changed, not to be written again
        asked = false;
        grow();
      }
    }
  } finally {
    flushing = false;
  }
}

/** The message as the server keeps it, "refused" for good, or "later". The same client_id each time. */
async function post(kept) {
  try {
    const response = await fetch(`${base}/messages`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: kept.text, client_id: kept.client_id }),
      signal: AbortSignal.timeout?.(15_000), // a connection that died without a word
    });
    if (response.ok) return await response.json();
    const answer = await response.json().catch(() => ({}));
    // only our own word is final: a proxy on the way refuses for reasons of its own
    if (response.status === 429 || response.status >= 500 || answer.success !== false) return "later";
    notice.textContent = Object.values(answer.errors ?? {})[0] ?? answer.error ?? "That could not be sent.";
    notice.hidden = false;
    return "refused";
  } catch {
    return "later";
  }
}

writer.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  say(words);
  text.value = "";
  grow();
  text.focus();
});

text.addEventListener("keydown", (event) => {
  const touch = matchMedia("(pointer: coarse)").matches;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) {
    event.preventDefault();
    writer.requestSubmit();
  }
});

function grow() {
  text.rows = Math.min(6, Math.max(1, text.value.split("\n").length));
  sendButton.disabled = !text.value.trim();
}
text.addEventListener("input", grow);

askForPerson.addEventListener("click", () => {
  if (asked) return; // touched twice
  asked = true;
  say("I would like to talk to a person, please.");
});

// ---- start

for (const kept of unsent.all()) put(waiting(kept, "unsent"));
grow();
connect(`${base}/events`, {
  message: put,
  state: onState,
  connection(isThere) {
    connected = isThere;
    arrangeState();
    if (isThere) flush();
  },
  gone() {
    deleted = true;
    arrangeState();
    for (const part of writer.elements) part.disabled = true;
  },
});
setTimeout(() => heard || ((state.ready = false), arrangeState()), 3000);
addEventListener("online", () => (arrangeState(), flush()));
addEventListener("offline", arrangeState);
new ResizeObserver(() => isAtEnd() && toEnd()).observe(scroller);
