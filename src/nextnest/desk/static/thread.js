// One conversation: who it is with, what was said, and what to say next.

import { STATUS } from "./list.js";
import { avatar, dayOf, h, linked, moment } from "./dom.js";

/** The frame around a thread; drawn once a conversation. `act`: see desk.js. */
export function drawThread(root, state, act) {
  if (!state.current) {
    root.replaceChildren(h("p", { className: "empty tall" }, "Choose a conversation to read and answer it."));
    return;
  }
  root.replaceChildren(
    h("div", { className: "thread-head", id: "thread-head" }),
    h("div", { className: "app-tabs", id: "app-tabs", role: "group", "aria-label": "Views", hidden: !state.apps.length }),
    h("div", { className: "messages", id: "messages", role: "log", tabIndex: 0, "aria-label": "Messages" }),
    h("div", { className: "app-frame", id: "app-frame", hidden: true }),
    composer(state, act),
  );
  drawHead(state, act);
}

/** Name, status, and the buttons that move the conversation on. */
export function drawHead(state, act) {
  const conversation = state.current;
  const contact = conversation.meta.sender;
  const owner = conversation.meta.assignee;
  const mine = owner?.id === state.me.id && conversation.meta.assignee_type === "User";
  const held = owner ? `Held by ${mine ? "you" : owner.name}` : "Nobody's yet";
  document.getElementById("thread-head").replaceChildren(
    h("button", { type: "button", className: "button quiet back", onclick: act.back, "aria-label": "Back to the list" }, "‹"),
    avatar(contact.name, contact.id),
    h(
      "div",
      { className: "who" },
      h("h2", {}, contact.name || "Nameless"),
      h("p", {}, h("span", { className: `pill status-${conversation.status}` }, STATUS[conversation.status]), " ", held),
    ),
    h("div", { className: "moves" }, moves(conversation, mine, act)),
    h("button", { type: "button", className: "button quiet details", onclick: act.details }, "Details"),
  );
}

function moves(conversation, mine, act) {
  const button = (title, onclick, kind = "") => h("button", { type: "button", className: `button ${kind}`, onclick }, title);
  const { status } = conversation;
  return [
    mine ? button("Unassign", () => act.assign(0)) : button("Assign to me", act.take, "primary"),
    status !== "open" && button(status === "pending" ? "Take over" : "Reopen", () => act.status("open")),
    status !== "pending" && button("Give to bot", () => act.status("pending")),
    (status === "open" || status === "pending") && button("Snooze", () => act.status("snoozed")),
    status !== "resolved" && button("Resolve", () => act.status("resolved")),
  ];
}

/** The messages; stays where the reader is unless they were at the end. */
export function drawMessages(state, act, toEnd = false) {
  const box = document.getElementById("messages");
  const atEnd = toEnd || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const fromEnd = box.scrollHeight - box.scrollTop;
  const lines = [];
  if (state.older) lines.push(h("button", { type: "button", className: "button quiet wide", onclick: act.older }, "Show earlier messages"));
  let day = "";
  let before = null;
  for (const message of state.messages) {
    const today = dayOf(message.created_at);
    if (today !== day) lines.push(h("p", { className: "day" }, h("span", {}, today)));
    lines.push(line(message, today === day && sameVoice(before, message)));
    day = today;
    before = message;
  }
  if (!state.messages.length) lines.push(h("p", { className: "empty" }, "Nothing has been said yet."));
  box.replaceChildren(...lines);
  box.scrollTop = atEnd ? box.scrollHeight : box.scrollHeight - fromEnd;
}

function sameVoice(one, other) {
  if (!one || one.message_type === 2 || other.message_type === 2) return false;
  return one.private === other.private && voice(one) === voice(other) && other.created_at - one.created_at < 300;
}

function voice(message) {
  return `${message.message_type} ${message.sender?.type ?? ""} ${message.sender?.id ?? ""}`;
}

function line(message, follows) {
  if (message.message_type === 2) {
    return h("p", { className: "activity" }, message.content, " · ", moment(message.created_at));
  }
  const kind = kindOf(message);
  const name = message.sender?.name ?? (message.content_attributes.automation_rule_id ? "Automation" : "Inbox");
  const title = { customer: name, bot: `${name} · bot`, human: name, note: `${name} · private note` }[kind];
  return h(
    "article",
    { className: `message ${kind}${follows ? " follows" : ""}` },
    !follows && h("p", { className: "voice" }, title, " ", moment(message.created_at)),
    h("div", { className: "bubble" }, body(message)),
    message.status === "failed" &&
      h("p", { className: "failed" }, `Not delivered: ${message.content_attributes.external_error ?? "no reason given"}`),
  );
}

function kindOf(message) {
  if (message.private) return "note";
  if (message.message_type === 0) return "customer";
  return message.sender?.type === "user" ? "human" : "bot";
}

function body(message) {
  const parts = [];
  if (message.content) parts.push(h("p", { className: "said" }, linked(message.content)));
  for (const item of message.content_attributes.items ?? []) {
    parts.push(h("p", { className: "option" }, item.title ?? item.label ?? ""));
  }
  for (const file of message.attachments ?? []) {
    const name = decodeURIComponent(file.data_url.split("/").pop());
    const address = new URL(file.data_url).pathname;
    parts.push(h("p", {}, h("a", { href: address, target: "_blank", rel: "noopener" }, `${name} (${file.file_size} bytes)`)));
  }
  return parts.length ? parts : [h("p", { className: "said" }, h("em", {}, "Empty message"))];
}

function composer(state, act) {
  const field = h("textarea", {
    id: "reply", rows: 2, maxLength: 150000, placeholder: "Write to the customer", "aria-label": "Your message",
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    },
    oninput: () => act.typing(note.checked),
  });
  const note = h("input", {
    type: "checkbox", id: "private",
    onchange: () => {
      form.classList.toggle("private", note.checked);
      field.placeholder = note.checked ? "Write a note that only colleagues and the bot see" : "Write to the customer";
      send.textContent = note.checked ? "Add note" : "Send";
    },
  });
  const send = h("button", { type: "submit", className: "button primary" }, "Send");
  const form = h(
    "form",
    {
      className: "composer", id: "composer",
      onsubmit: async (event) => {
        event.preventDefault();
        const text = field.value.trim();
        if (!text || send.disabled) return; // Enter comes here too, however often it is pressed
        send.disabled = true;
        field.value = ""; // at once: what is typed while this is sent stays
        if (!(await act.say(text, note.checked))) field.value = [text, field.value].filter(Boolean).join("\n");
        send.disabled = false;
        field.focus();
      },
    },
    field,
    h(
      "div",
      { className: "composer-foot" },
      h("label", { className: "toggle", for: "private" }, note, "Private note"),
      h("span", { className: "hint" }, "Enter sends, Shift+Enter starts a new line"),
      send,
    ),
  );
  return form;
}
