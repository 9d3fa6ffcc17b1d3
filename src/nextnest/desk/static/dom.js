// Elements without strings of HTML: text is always text, whatever a customer writes.

/**
 * Makes an element. `props` are properties (`className`, `onclick`, ...); keys with a dash are attributes.
 * Children are nodes, strings or nothing.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name === "role" || name === "for" || name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Text with its web addresses as links; nothing else in it has any power. */
export function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+)/g).map((part, number) => {
    if (number % 2 === 0) return part;
    return h("a", { href: part, target: "_blank", rel: "noopener noreferrer nofollow" }, part);
  });
}

export function initials(name) {
  const words = (name || "?").trim().split(/\s+/);
  return words.slice(0, 2).map((word) => [...word][0] || "").join("").toUpperCase() || "?";
}

export function avatar(name, number = 0) {
  return h("span", { className: `avatar hue-${Number(number) % 6}`, "aria-hidden": "true" }, initials(name));
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A moment (seconds since 1970): the time of day if it is today, else the date; in full on demand. */
export function moment(seconds) {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  const text = today ? CLOCK.format(date) : DAY.format(date);
  return h("time", { dateTime: date.toISOString(), title: FULL.format(date) }, text);
}

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return "Today";
  if (date.toDateString() === yesterday.toDateString()) return "Yesterday";
  return new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" }).format(date);
}
