// What is known about the contact and the conversation, and what can be set.

import { h } from "./dom.js";

const PRIORITIES = ["", "low", "medium", "high", "urgent"];

/** Draws the panel. `act` has `team`, `assign`, `priority`, `labels` and `details`. */
export function drawSide(root, state, act) {
  const conversation = state.current;
  if (!conversation) {
    root.replaceChildren();
    return;
  }
  if (root.contains(document.activeElement) && document.activeElement.matches("select, input")) return;
  const contact = conversation.meta.sender;
  root.replaceChildren(
    h("button", { type: "button", className: "button quiet close", onclick: act.details }, "Back to the conversation"),
    section("Work", work(conversation, state, act)),
    section("Labels", labels(conversation, state, act)),
    section("Contact", facts({
      Name: contact.name, Phone: contact.phone_number, "E-mail": contact.email, Identifier: contact.identifier,
      ...named(contact.custom_attributes, state, "contact_attribute"),
      ...contact.additional_attributes,
    })),
    section("About this conversation", facts(named(conversation.custom_attributes, state, "conversation_attribute"))),
  );
}

function section(title, ...children) {
  return h("section", {}, h("h3", {}, title), children);
}

function named(attributes, state, model) {
  const title = (key) => state.definitions.find((d) => d.attribute_key === key && d.attribute_model === model)?.attribute_display_name;
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [title(key) ?? key, value]));
}

function facts(pairs) {
  const known = Object.entries(pairs).filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (!known.length) return h("p", { className: "hint" }, "Nothing is known yet.");
  return h("dl", {}, known.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, text(value)))));
}

function text(value) {
  if (value === true) return "Yes";
  if (value === false) return "No";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function choice(id, title, options, chosen, onchange) {
  const list = h("select", { id, onchange: (event) => { event.target.blur(); onchange(event.target.value); } },
    options.map(([value, name]) => h("option", { value, selected: String(value) === String(chosen) }, name)));
  return h("p", { className: "field" }, h("label", { for: id }, title), list);
}

function work(conversation, state, act) {
  const { assignee, assignee_type: type, team } = conversation.meta;
  const people = state.agents.map((agent) => [agent.id, agent.name]);
  const nobody = type === "AgentBot" ? `${assignee.name} (bot)` : "Nobody";
  return [
    choice("assignee", "Assignee", [[0, nobody], ...people], type === "User" ? assignee.id : 0, (id) => act.assign(Number(id))),
    choice("team", "Team", [[0, "None"], ...state.teams.map((each) => [each.id, each.name])], team?.id ?? 0, (id) => act.team(Number(id))),
    choice("priority", "Priority", PRIORITIES.map((name) => [name, name || "None"]), conversation.priority ?? "", (name) => act.priority(name || null)),
  ];
}

function labels(conversation, state, act) {
  const set = conversation.labels;
  const chips = set.map((label) =>
    h("button", {
      type: "button", className: "pill label removable", "aria-label": `Remove the label ${label}`,
      onclick: () => act.labels(set.filter((each) => each !== label)),
    }, `${label} ×`));
  const free = state.labels.map((label) => label.title).filter((title) => !set.includes(title));
  return [
    h("p", { className: "chips" }, chips.length ? chips : h("span", { className: "hint" }, "No labels")),
    free.length > 0 && choice("add-label", "Add a label", [["", "Choose"], ...free.map((title) => [title, title])], "",
      (title) => title && act.labels([...set, title])),
  ];
}
