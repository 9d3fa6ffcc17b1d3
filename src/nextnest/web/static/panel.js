// The panel: Chatwoot says which conversation it is, the server says what is known, buttons say what to do.

import { element } from "./dom.js";

const panel = document.getElementById("panel");
const status = document.getElementById("status");
const content = document.getElementById("content");
const origins = panel.dataset.origins.split(" ").filter(Boolean);
const EVERY = 10_000;
const edits = new Map(); // draft id: its field, the same one over each redraw
let asks = 0;
let answered = 0; // the latest ask whose answer is shown
let seen = ""; // what is on the screen, as the server sent it
let conversation = Number(new URLSearchParams(location.search).get("conversation")) || null;

// ---- which conversation

addEventListener("message", (event) => {
  if (!origins.includes(event.origin)) return;
  let said;
  try {
    said = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
  } catch {
    return; // other frames talk as well
  }
  const id = said?.event === "appContext" ? said.data?.conversation?.id : null;
  if (Number.isInteger(id) && id !== conversation) {
    conversation = id;
    seen = "";
    content.hidden = true;
    load();
  }
});

if (parent !== window) for (const origin of origins) tell(origin);
function tell(origin) {
  try {
    parent.postMessage("chatwoot-dashboard-app:fetch-info", origin);
  } catch {
    // framed by another of the allowed origins
  }
}

// ---- talking to the server

async function call(path, body) {
  const response = await fetch(`/panel/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { Authorization: `Bearer ${panel.dataset.session}`, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout?.(30_000),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? "That did not work.");
  return answer;
}

async function load() {
  if (!conversation) return;
  const id = conversation;
  const turn = ++asks;
  try {
    const view = await call(`data/${id}`);
    if (id !== conversation || turn < answered) return; // another is shown by now, or a later answer
    answered = turn;
    const now = JSON.stringify(view);
    if (now !== seen) render(view);
    seen = now;
    status.hidden = true;
    content.hidden = false;
  } catch (error) {
    if (turn === asks) say(error.message);
  }
}

setInterval(() => document.hidden || load(), EVERY);

function say(sentence) {
  status.textContent = sentence;
  status.hidden = false;
}

/** A button that does one thing on the server, then shows what is so afterwards. */
function action(words, path, body, { quiet = true, kind = "button", label = null, done = () => {} } = {}) {
  const classes = kind === "link" ? "link" : `button compact${quiet ? " quiet" : ""}`;
  const made = element("button", { type: "button", class: classes, "aria-label": label }, words);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await call(path, typeof body === "function" ? body() : body);
      done();
      await load();
    } catch (error) {
      await load(); // what was on the screen was not so any more
      say(error.message);
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

// ---- showing

const when = new Intl.DateTimeFormat("en-SG", { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Singapore" });
const words = (name) => name.replace(/^applicants\.?\[?(\d+)\]?\./, "applicant $1: ").replaceAll("_", " ");
const money = new Set(["property_price", "property_value", "loan_amount", "monthly_income", "monthly_debts",
  "outstanding_loan", "cpf_available", "cash_available", "fixed_monthly_income", "variable_monthly_income"]);

function shown(name, value) {
  if (Array.isArray(value)) return value.map((each) => shown(name, each)).join("; ");
  if (value && typeof value === "object")
    return Object.entries(value).map(([key, each]) => `${words(key)} ${shown(key, each)}`).join(", ");
  if (money.has(name) && typeof value === "number") return sum(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return name === "email" || name === "name" ? String(value) : String(value).replaceAll("_", " ");
}

function render(view) {
  const focused = document.activeElement;
  content.replaceChildren(
    ...[head, drafts, lapsed, score, facts, questions, affordability, lastReply]
      .map((part) => part(view))
      .filter(Boolean),
  );
  if (focused?.isConnected) focused.focus({ preventScroll: true }); // a draft that is being edited
}

const card = (title, ...parts) => element("section", { class: "card" }, element("h2", {}, title), ...parts);

function head(view) {
  const base = `conversations/${view.conversation_id}`;
  const holder = { bot: "the bot has it", person: "a person has it", nobody: "closed" }[view.owner] ?? view.owner;
  return element(
    "header",
    {},
    element(
      "div",
      { class: "who-line" },
      element("h1", {}, view.name ?? "Unknown contact"),
      element("p", { class: `badge ${view.owner === "bot" ? "good" : ""}` }, holder),
    ),
    view.handoff_reason &&
      element("p", { class: "notice" }, "Handed over: ", element("strong", {}, words(view.handoff_reason))),
    element(
      "div",
      { class: "row" },
      view.owner === "bot" ? null : action("Give back to the bot", `${base}/give-back`, {}, { quiet: false }),
      view.lead_id ? action("Score again", `${base}/rescore`, {}) : null,
      view.langfuse_url &&
        element(
          "a",
          { class: "button quiet compact", href: safe(view.langfuse_url), target: "_blank", rel: "noopener" },
          "Open in Langfuse",
        ),
    ),
  );
}

const safe = (url) => (/^https?:\/\//.test(url) ? url : "#");

function drafts(view) {
  if (!view.drafts.length) return null;
  return card(
    view.drafts.length === 1 ? "A draft waits for you" : `${view.drafts.length} drafts wait for you`,
    ...view.drafts.map((draft) => {
      const edit = fieldOf(draft, view);
      const done = () => edits.delete(draft.id);
      const changed = () => ({ text: edit.value === draft.text ? null : edit.value });
      return element(
        "div",
        {},
        edit,
        element(
          "div",
          { class: "row" },
          action("Send it", `drafts/${encodeURIComponent(draft.id)}/approve`, changed, { quiet: false, done }),
          action("Discard", `drafts/${encodeURIComponent(draft.id)}/discard`, {}, { done }),
        ),
      );
    }),
  );
}

function fieldOf(draft, view) {
  if (!edits.has(draft.id)) {
    const made = element("textarea", { rows: "6", "aria-label": "Draft", "data-of": view.conversation_id }, draft.text);
    edits.set(draft.id, made);
  }
  return edits.get(draft.id);
}

/** The words somebody wrote into drafts that wait no longer: to be copied, or let go. */
function lapsed(view) {
  const waiting = new Set(view.drafts.map((draft) => draft.id));
  const made = document.createDocumentFragment();
  for (const [id, edit] of edits) {
    if (waiting.has(id) || Number(edit.dataset.of) !== view.conversation_id) continue;
    if (edit.value === edit.defaultValue) edits.delete(id);
    else made.append(unsent(id, edit));
  }
  return made;
}

function unsent(id, edit) {
  edit.setAttribute("aria-label", "Your words, not sent");
  const drop = element("button", { type: "button", class: "button compact quiet" }, "Let them go");
  const made = card("Your words, not sent", element("p", {}, "Their draft waits no longer."), edit, drop);
  drop.addEventListener("click", () => (edits.delete(id), made.remove()));
  return made;
}

function score(view) {
  if (view.score === null) return null;
  const receipt = view.receipt ?? {};
  return card(
    "Lead score",
    element("p", { class: "score" }, element("strong", {}, String(view.score)), `of 100 · ${view.persona}`),
    element("meter", {
      min: "0",
      max: "100",
      low: "45",
      high: "75",
      optimum: "100",
      value: String(view.score),
      "aria-label": "Lead score",
    }),
    element(
      "ul",
      { class: "receipt" },
      ...(receipt.lines ?? []).map((line) =>
        element(
          "li",
          {},
          element("span", {}, line.signal),
          element("strong", { class: "number" }, `${line.points} of ${line.of}`),
          element("span", { class: "why" }, line.why),
        ),
      ),
    ),
    receipt.unknown?.length
      ? element("details", {}, element("summary", {}, "Not known, so not counted"), list(receipt.unknown))
      : null,
    element("p", { class: "soft" }, `Scorecard ${receipt.scorecard ?? "unknown"}. Internal: never shown to the customer.`),
  );
}

const list = (lines) => element("ul", {}, ...lines.map((line) => element("li", {}, line)));

function facts(view) {
  const learned = new Map(view.learned.map((fact) => [fact.field, fact]));
  const rows = Object.entries(view.facts).map(([name, value]) =>
    element(
      "div",
      {},
      element("dt", {}, words(name)),
      element(
        "dd",
        {},
        shown(name, value),
        learned.has(name) &&
          element("span", { class: "soft" }, ` told in the chat: “${learned.get(name).quote}”`),
      ),
      action("wrong", `conversations/${view.conversation_id}/wrong`, { field: name }, {
        kind: "link",
        label: `Mark ${words(name)} as wrong`,
      }),
    ),
  );
  const none = element("p", { class: "soft" }, "None: this contact never filled in the form.");
  return card("Facts", rows.length ? element("dl", { class: "facts" }, ...rows) : none);
}

function questions(view) {
  const open = view.receipt?.needs ?? view.open_questions;
  return open.length ? card("Open questions", list(open.map(words))) : null;
}

const sum = (value) => `S$${Number(value).toLocaleString("en-SG", { maximumFractionDigits: 2 })}`;
const FIGURES = {
  loan: sum,
  limited_by: (limit) => String(limit).toUpperCase(),
  tenure_years: (years) => `${years} years`,
  assessed_instalment: (instalment) => `${sum(instalment)} a month`,
  max_price: sum,
  downpayment: sum,
  min_cash: sum,
  duties: sum,
  shortfall: sum,
};

function affordability(view) {
  const found = view.affordability;
  if (!found)
    return view.affordability_needs.length
      ? card(
          "Affordability",
          element("p", {}, "Cannot be computed yet. Missing:"),
          list(view.affordability_needs.map(words)),
        )
      : null;
  return card(
    "Affordability",
    element(
      "dl",
      { class: "facts" },
      ...Object.entries(FIGURES)
        .filter(([key]) => found.shown?.[key] !== undefined)
        .map(([key, say]) =>
          element(
            "div",
            {},
            element("dt", {}, words(key)),
            element("dd", { class: "number" }, say(found.shown[key])),
          ),
        ),
    ),
    working(found),
  );
}

function working(calculation) {
  const lines = [...(calculation.working ?? []), ...(calculation.assumptions ?? [])];
  return lines.length ? element("details", {}, element("summary", {}, "How it was worked out"), list(lines)) : null;
}

function lastReply(view) {
  const reply = view.last_reply;
  if (!reply) return null;
  return card(
    "Last reply",
    element("blockquote", {}, reply.text || "(no words)"),
    element("p", { class: "soft" }, `By the ${reply.author}, ${when.format(new Date(reply.at))}; ${words(reply.outcome)}.`),
    reply.evidence.length
      ? element(
          "details",
          {},
          element("summary", {}, `Evidence (${reply.evidence.length})`),
          ...reply.evidence.map(proof),
        )
      : null,
    reply.notes.length ? list(reply.notes) : null,
  );
}

function proof(evidence) {
  const figures = (evidence.figures ?? []).map((figure) => `${words(figure.label)}: ${figure.value}`);
  return element(
    "div",
    {},
    element("p", {}, element("strong", {}, `${evidence.kind}: ${words(evidence.ref)}`)),
    list(evidence.detail?.working ?? figures),
  );
}

load();
