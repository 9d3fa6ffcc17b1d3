// The form, kinder: one step at a time, a kept draft, a first figure. Without this file it still works.

import { forget, keep, lastChat, rememberChat, restore } from "./draft.js";
import { showFigure } from "./figure.js";

const form = document.getElementById("lead-form");
const steps = [...form.querySelectorAll("[data-step]")];
const marks = [...document.querySelectorAll("#progress li")];
const back = document.getElementById("back");
const next = document.getElementById("next");
const send = document.getElementById("send");
const summary = document.getElementById("summary");
const trouble = document.getElementById("trouble");
let current = 0;

// ---- steps

function show(step, { focus = true } = {}) {
  current = step;
  document.body.classList.toggle("under-way", step > 0);
  steps.forEach((each, place) => (each.hidden = place !== step));
  marks.forEach((mark, place) => {
    mark.classList.toggle("past", place < step);
    if (place === step) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  });
  back.hidden = step === 0;
  next.hidden = step === steps.length - 1;
  send.hidden = !next.hidden;
  if (focus) {
    steps[step].querySelector("h2").focus({ preventScroll: true });
    form.scrollIntoView({ block: "start" });
  }
}

const purpose = () => form.elements.purpose.value;

/** Fields of other purposes and of borrowers that were not added are disabled, so they are not sent. */
function settle() {
  for (const part of form.querySelectorAll("[data-for]")) {
    const shown = purpose() === "" || part.dataset.for.split(" ").includes(purpose());
    for (const field of part.querySelectorAll("input, textarea")) field.disabled = !shown;
  }
  for (const borrower of form.querySelectorAll("details.borrower:not([open])")) {
    for (const field of borrower.querySelectorAll("input")) field.disabled = true;
  }
  for (const borrower of form.querySelectorAll("details.borrower[open]")) {
    for (const field of borrower.querySelectorAll("input")) field.disabled = false;
  }
}

// ---- problems beside the fields

function setProblem(name, sentence) {
  const field = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!field) return false;
  field.classList.toggle("wrong", Boolean(sentence));
  field.querySelector(".error").textContent = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  for (const input of field.querySelectorAll("input, textarea")) {
    if (sentence) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  return true;
}

function clearProblems() {
  for (const field of form.querySelectorAll(".wrong")) setProblem(field.dataset.field, "");
  summary.hidden = true;
  trouble.hidden = true;
}

function showProblems(problems) {
  const elsewhere = Object.entries(problems).filter(([name, sentence]) => !setProblem(name, sentence));
  const first = form.querySelector(".wrong");
  if (first) {
    show(steps.indexOf(first.closest("[data-step]")), { focus: false });
    summary.hidden = false;
    const input = first.querySelector("input:not(:disabled), textarea");
    (input ?? summary).focus();
    first.scrollIntoView({ block: "center" });
  }
  if (elsewhere.length) say(elsewhere.map(([name, sentence]) => `${name}: ${sentence}`).join("; "));
}

function say(sentence) {
  trouble.textContent = sentence;
  trouble.hidden = false;
}

// ---- what may be checked here without guessing; the server checks everything

function problemsOfStep(step) {
  const problems = {};
  if (step === 0 && !purpose()) problems.purpose = "choose what the loan is for";
  if (step === steps.length - 1) {
    if (!form.elements.name.value.trim()) problems.name = "write a name";
    if (!form.elements.email.value.trim() && !form.elements.phone.value.trim())
      problems.email = "give an e-mail address or a phone number";
    if (!form.elements["consent.contact"].checked)
      problems["consent.contact"] = "tick this, so that we may answer you";
  }
  return problems;
}

// ---- sending: the same key until the lead is taken, so that a repeat is not a second lead

async function submit() {
  clearProblems();
  const problems = problemsOfStep(steps.length - 1);
  if (Object.keys(problems).length) return showProblems(problems);
  const body = new URLSearchParams(new FormData(form));
  send.disabled = true;
  send.textContent = "Opening your chat…";
  try {
    const answer = await attempt(body);
    if (answer.ok) {
      forget(form);
      const { pathname } = new URL(answer.body.chatUrl);
      rememberChat(pathname);
      location.assign(pathname);
      return;
    }
    if (Object.keys(answer.body.errors ?? {}).length) showProblems(answer.body.errors);
    else say(answer.body.error ?? "That did not work. Please try again; nothing you typed is lost.");
  } catch {
    say("We cannot be reached just now. Your answers are kept here; please try again in a moment.");
  }
  send.disabled = false;
  send.textContent = "Open my chat";
}

async function attempt(body, tries = 3) {
  const key = form.elements.submission.value;
  try {
    const response = await fetch("/", {
      method: "POST",
      headers: { Accept: "application/json", "Idempotency-Key": key },
      body,
      signal: AbortSignal.timeout?.(15_000), // a connection that died without a word
    });
    if (response.status >= 500 && tries > 1) throw new TypeError("try again");
    const isJson = response.headers.get("content-type")?.includes("json");
    return { ok: response.ok, body: isJson ? await response.json() : {} };
  } catch (error) {
    if (tries <= 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 700 * (4 - tries)));
    return attempt(body, tries - 1);
  }
}

// ---- sums as people read them

function groupDigits(field) {
  const plain = field.value.replace(/[,\s]/g, "");
  if (/^\d{4,12}$/.test(plain)) field.value = Number(plain).toLocaleString("en-SG");
}

// ---- joined together

let waiting;
function changed() {
  keep(form, current);
  clearTimeout(waiting);
  waiting = setTimeout(() => showFigure(form), 350);
}

form.classList.add("enhanced");
document.getElementById("progress").hidden = false;
form.elements.chat.value = lastChat().split("/").pop();
const fromServer = form.querySelector(".wrong");
if (!form.elements.purpose.value) form.elements.submission.value = crypto.randomUUID?.() ?? form.elements.submission.value;
const step = fromServer ? steps.indexOf(fromServer.closest("[data-step]")) : restore(form);
settle();
show(Math.min(Math.max(step, 0), steps.length - 1), { focus: false });
showFigure(form);

form.addEventListener("input", (event) => {
  const field = event.target.closest("[data-field]");
  if (field?.classList.contains("wrong")) setProblem(field.dataset.field, "");
  settle();
  changed();
});
form.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-money]")) groupDigits(event.target);
});
form.addEventListener("toggle", () => (settle(), changed()), true);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!next.hidden) next.click(); // Enter in an earlier step goes on, it does not send
  else if (!send.disabled) submit();
});
addEventListener("pageshow", (event) => event.persisted && location.reload()); // "back" starts afresh
next.addEventListener("click", () => {
  clearProblems();
  const problems = problemsOfStep(current);
  if (Object.keys(problems).length) showProblems(problems);
  else show(current + 1);
  keep(form, current);
});
back.addEventListener("click", () => {
  clearProblems();
  show(current - 1);
  keep(form, current);
});
