// The first figure: computed on the server from the facts so far, shown as it came.

import { element } from "./dom.js";

const card = document.getElementById("figure");
const bar = document.getElementById("figure-bar");
const title = card.querySelector("h2");
const empty = card.querySelector('[data-figure="empty"]');
const result = card.querySelector('[data-figure="result"]');
let asked = 0;
let shown = "";

export async function showFigure(form) {
  const facts = Object.fromEntries(new FormData(form));
  for (const name of ["name", "email", "phone", "notes", "submission", "opened", "chat"]) delete facts[name];
  if (!facts.purpose) return;
  const turn = ++asked;
  // an old figure must not stand beside new facts
  const again = () => setTimeout(() => turn === asked && showFigure(form), 3000);
  let figure;
  try {
    const response = await fetch("/api/preview", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(facts),
    });
    if (!response.ok) return again();
    figure = await response.json();
  } catch {
    return again(); // the form matters more than its figure
  }
  const said = JSON.stringify(figure);
  if (turn !== asked || said === shown) return; // an older answer, or nothing new to read out
  shown = said;
  render(figure);
}

function render(figure) {
  title.textContent = figure.title || "Your first figure";
  empty.hidden = Boolean(figure.amount) || figure.needs.length > 0;
  result.replaceChildren();
  bar.hidden = !figure.amount;
  bar.replaceChildren(figure.title, element("strong", { class: "number" }, figure.amount ?? ""));
  if (figure.amount) {
    result.append(element("p", { class: "amount" }, figure.amount));
    if (figure.limit) result.append(element("p", { class: "limit" }, figure.limit));
    const list = element("dl", {});
    for (const [term, value] of figure.rows)
      list.append(element("div", {}, element("dt", { class: "soft" }, term), element("dd", {}, value)));
    result.append(list);
  }
  if (figure.needs.length)
    result.append(
      element("p", { class: "soft" }, figure.amount ? "To say more, this is missing:" : "For a figure, this is missing:"),
      element("ul", {}, ...figure.needs.map((need) => element("li", {}, need))),
    );
  if (figure.amount && figure.notes.length)
    result.append(
      element(
        "details",
        { class: "fine" },
        element("summary", {}, "What this takes as given"),
        element("ul", {}, ...figure.notes.map((note) => element("li", {}, note))),
      ),
    );
}
