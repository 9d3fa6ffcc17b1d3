// What was typed so far, kept in this tab until the lead is taken; and the chat that came of the last one.
// It never leaves the browser. A browser that keeps nothing is no trouble: the form works without.

const KEY = "nextnest-draft";
const CHAT = "nextnest-chat";
const PRIVATE = new Set(["submission", "opened", "chat", "company_website"]);

export function keep(form, step) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || PRIVATE.has(field.name)) continue;
    if (field.type === "radio") {
      if (field.checked) values[field.name] = field.value;
    } else if (field.type === "checkbox") {
      if (field.checked && field.name !== "consent.contact" && field.name !== "consent.marketing")
        values[field.name] = field.value;
    } else if (field.value) {
      values[field.name] = field.value;
    }
  }
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ step, values, submission: form.elements.submission.value }));
  } catch {
    // no room or not allowed
  }
}

/** Fill the form from the draft; the step at which it was left. */
export function restore(form) {
  let draft;
  try {
    draft = JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    draft = null;
  }
  if (!draft?.values) return 0;
  for (const [name, value] of Object.entries(draft.values)) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
  for (const borrower of form.querySelectorAll("details.borrower")) {
    borrower.open = [...borrower.querySelectorAll("input")].some((field) =>
      field.type === "radio" ? field.checked : field.value,
    );
  }
  if (draft.submission) form.elements.submission.value = draft.submission;
  return draft.step ?? 0;
}

export function forget(form) {
  form.elements.submission.value = "";
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // then nothing was kept either
  }
}

export function rememberChat(path) {
  try {
    localStorage.setItem(CHAT, path);
  } catch {
    // not allowed: who comes again gets a chat of its own
  }
}

/** The path of the chat that this browser opened last, or nothing. */
export function lastChat() {
  try {
    return localStorage.getItem(CHAT) ?? "";
  } catch {
    return "";
  }
}
