// The list of conversations: tabs by status with counts, a search, one row a conversation.

import { avatar, h, moment } from "./dom.js";

export const TABS = [
  { status: "all", title: "All", empty: "No conversations yet. The first lead will appear here." },
  { status: "open", title: "Open", empty: "Nothing waits for a person." },
  { status: "pending", title: "Bot", empty: "The bot holds no conversation." },
  { status: "resolved", title: "Resolved", empty: "Nothing has been resolved yet." },
];
export const STATUS = { open: "Open", pending: "With the bot", resolved: "Resolved", snoozed: "Snoozed" };

/** Draws the whole list. `act` has `filter(status)`, `find(text)`, `open(id)` and `more()`. */
export function drawList(root, state, act) {
  const focused = root.contains(document.activeElement) ? document.activeElement.id : "";
  const top = root.querySelector(".rows")?.scrollTop ?? 0;
  root.replaceChildren(tabs(state, act), search(state, act), rows(state, act));
  root.querySelector(".rows").scrollTop = top;
  if (focused) {
    const again = document.getElementById(focused);
    again?.focus();
    if (again?.tagName === "INPUT") again.setSelectionRange(again.value.length, again.value.length);
  }
}

function tabs(state, act) {
  const buttons = TABS.map(({ status, title }) => {
    const chosen = state.filter === status;
    return h(
      "button",
      {
        type: "button", id: `tab-${status}`, className: "tab", "aria-pressed": String(chosen),
        onclick: () => act.filter(status),
      },
      title,
      h("span", { className: "count" }, String(state.counts[status] ?? "")),
    );
  });
  return h("div", { className: "tabs", role: "group", "aria-label": "Status" }, buttons);
}

function search(state, act) {
  return h("input", {
    id: "find", type: "search", className: "find", placeholder: "Find in messages", value: state.find,
    "aria-label": "Find in messages", oninput: (event) => act.find(event.target.value),
  });
}

function rows(state, act) {
  const box = h("div", { className: "rows" });
  if (!state.list.length) {
    const empty = state.find ? "No message says that." : TABS.find((tab) => tab.status === state.filter).empty;
    box.append(h("p", { className: "empty" }, state.loaded ? empty : "Loading…"));
    return box;
  }
  const items = state.list.map((conversation) => h("li", {}, row(conversation, state, act)));
  box.append(h("ul", { onkeydown: byArrows }, items));
  if (state.list.length < state.total) {
    box.append(h("button", { type: "button", className: "button quiet wide", onclick: act.more }, "Show more"));
  }
  return box;
}

function byArrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll("button.row")];
  all[all.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}

function row(conversation, state, act) {
  const contact = conversation.meta.sender;
  const last = conversation.last_non_activity_message;
  const owner = conversation.meta.assignee?.name;
  const chosen = state.current?.id === conversation.id;
  return h(
    "button",
    {
      type: "button", id: `row-${conversation.id}`, className: "row", onclick: () => act.open(conversation.id),
      "aria-current": chosen ? "true" : undefined,
    },
    avatar(contact.name, contact.id),
    h(
      "span",
      { className: "row-text" },
      h(
        "span",
        { className: "row-head" },
        h("strong", {}, contact.name || "Nameless"),
        moment(conversation.last_activity_at),
      ),
      h("span", { className: "row-last" }, lastLine(last)),
      h(
        "span",
        { className: "row-tags" },
        h("span", { className: `pill status-${conversation.status}` }, STATUS[conversation.status]),
        conversation.priority && h("span", { className: `pill priority-${conversation.priority}` }, conversation.priority),
        owner && h("span", { className: "pill" }, owner),
        conversation.meta.team && h("span", { className: "pill" }, conversation.meta.team.name),
        conversation.labels.slice(0, 2).map((label) => h("span", { className: "pill label" }, label)),
      ),
    ),
    conversation.unread_count > 0 &&
      h("span", { className: "unread", title: "Unread messages" }, String(Math.min(conversation.unread_count, 99))),
  );
}

function lastLine(message) {
  if (!message) return "No message yet";
  const text = message.content || (message.attachments ? "Attachment" : "Empty message");
  if (message.private) return `Note: ${text}`;
  return message.message_type === 0 ? text : `${message.sender?.name ?? "System"}: ${text}`;
}
