// A small, safe part of Markdown, as Chatwoot writes it: paragraphs, line breaks, bold, italics, code, lists, links.
// It builds nodes; no HTML is read. Links go to http and https only.

import { element } from "./dom.js";

const INLINE =
  /\*\*(?<bold>[^*\n]+)\*\*|(?<![\w*])\*(?<star>[^*\s][^*\n]*)\*(?![\w*])|(?<!\w)_(?<under>[^_\n]+)_(?!\w)|`(?<code>[^`\n]+)`|\[(?<label>[^\]\n]+)\]\((?<target>https?:\/\/[^\s)]+)\)|(?<bare>https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?])/u;

export function markdown(text) {
  const made = document.createDocumentFragment();
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    if (block.trim()) made.append(...blocks(block.split("\n")));
  }
  return made;
}

/** Runs of list lines become lists, runs of other lines paragraphs. */
function blocks(lines) {
  const made = [];
  let list = null;
  let paragraph = null;
  for (const line of lines) {
    const item = line.match(/^\s*(?:(?<dot>[-*•])|(?<number>\d{1,3})[.)])\s+(?<rest>.+)$/u);
    if (item) {
      paragraph = null;
      const kind = item.groups.dot ? "UL" : "OL";
      if (list?.tagName !== kind) {
        list = element(kind.toLowerCase(), item.groups.number ? { start: item.groups.number } : {});
        made.push(list);
      }
      list.append(element("li", {}, ...inline(item.groups.rest)));
    } else {
      list = null;
      const words = line.replace(/^#{1,6}\s+(.*)$/u, "**$1**");
      if (paragraph) paragraph.append(element("br", {}), ...inline(words));
      else made.push((paragraph = element("p", {}, ...inline(words))));
    }
  }
  return made;
}

function inline(text) {
  const made = [];
  let rest = text;
  for (let found = rest.match(INLINE); found; found = rest.match(INLINE)) {
    if (found.index) made.push(rest.slice(0, found.index));
    made.push(styled(found.groups));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) made.push(rest);
  return made;
}

function styled({ bold, star, under, code, label, target, bare }) {
  if (bold) return element("strong", {}, ...inline(bold));
  if (star || under) return element("em", {}, star ?? under);
  if (code) return element("code", {}, code);
  return element("a", { href: target ?? bare, target: "_blank", rel: "noopener noreferrer nofollow" }, label ?? bare);
}
