// The agent's page: what is shown, and what happens when somebody presses something.

import * as api from "./api.js";
import { drawApps, tell } from "./frames.js";
import { drawList, TABS } from "./list.js";
import { drawSide } from "./side.js";
import { drawHead, drawMessages, drawThread } from "./thread.js";

const roots = Object.fromEntries(["list", "thread", "side"].map((id) => [id, document.getElementById(id)]));
const state = {
  me: null, agents: [], teams: [], labels: [], apps: [], definitions: [],
  filter: "all", find: "", pages: 1, list: [], total: 0, counts: {}, loaded: false,
  current: null, messages: [], older: false,
};

// -- telling the person

function notice(text) {
  const box = document.getElementById("notice");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => { box.hidden = true; }, 6000);
}

/** Does it, shows the result; when it could not be done says so and answers false. */
async function doing(work) {
  try {
    await work();
  } catch (error) {
    notice(error.message);
    return false;
  }
  await refresh().catch((error) => notice(error.message)); // it is done, whether that can be shown or not
  return true;
}

// -- loading

async function loadList() {
  const query = { status: state.filter, ...(state.find ? { q: state.find } : {}) };
  const pages = [];
  for (let page = 1; page <= state.pages; page += 1) pages.push(api.conversations({ ...query, page }));
  const [data, counts] = await Promise.all([Promise.all(pages), Promise.all(TABS.map((tab) => api.count(tab.status)))]);
  state.list = data.flatMap((page) => page.payload);
  state.total = data[0].meta.all_count;
  state.counts = Object.fromEntries(TABS.map((tab, number) => [tab.status, counts[number]]));
  state.loaded = true;
  drawList(roots.list, state, act);
}

async function loadCurrent() {
  if (!state.current) return;
  const { id } = state.current;
  const [conversation, newest] = await Promise.all([api.conversation(id), api.messages(id)]);
  if (state.current?.id !== id) return;
  state.current = conversation;
  const before = JSON.stringify(state.messages);
  // more than a page came since: what lies between would be missing, so it is asked for like all that is earlier
  const joined = newest.length < 20 || state.messages.some((message) => message.id >= newest[0].id);
  const known = joined ? state.messages.filter((message) => newest.length && message.id < newest[0].id) : [];
  if (!joined) state.older = true;
  state.messages = [...known, ...newest];
  drawHead(state, act);
  drawSide(roots.side, state, act);
  if (JSON.stringify(state.messages) !== before) {
    drawMessages(state, act);
    tell();
    if (document.hasFocus() && conversation.unread_count) await api.seen(id);
  }
}

let running = null;
let again = false;

/** One at a time; what is asked meanwhile is done once, afterwards. */
function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      try {
        await Promise.all([loadList(), loadCurrent()]);
      } catch (error) {
        if (!again) throw error; // else the next look may do
      }
    } while (again);
  })().finally(() => { running = null; });
  return running;
}

// -- what a person can do

const act = {
  filter(status) {
    Object.assign(state, { filter: status, pages: 1, loaded: false });
    doing(() => {});
  },
  find(text) {
    state.find = text;
    state.pages = 1;
    clearTimeout(act.timer);
    act.timer = setTimeout(() => doing(() => {}), 250);
  },
  more() {
    state.pages += 1;
    doing(() => {});
  },
  async open(id) {
    history.replaceState(null, "", `/app/conversations/${id}`);
    act.opening = id;
    await doing(async () => {
      const [conversation, newest] = await Promise.all([api.conversation(id), api.messages(id)]);
      if (act.opening !== id) return; // another was opened meanwhile
      Object.assign(state, { current: conversation, messages: newest, older: newest.length === 20 });
      document.body.dataset.pane = "thread";
      drawThread(roots.thread, state, act);
      drawApps(state, context);
      drawMessages(state, act, true);
      drawSide(roots.side, state, act);
      if (conversation.unread_count) await api.seen(id);
    });
  },
  async older() {
    await doing(async () => {
      const { id } = state.current;
      const first = state.messages[0].id;
      const earlier = await api.messages(id, first);
      if (state.current.id !== id || state.messages[0].id !== first) return; // pressed twice
      state.older = earlier.length === 20;
      state.messages = [...earlier, ...state.messages];
      drawMessages(state, act);
    });
  },
  back() {
    document.body.dataset.pane = "list";
    document.getElementById(`row-${state.current?.id}`)?.focus();
  },
  details() {
    document.body.dataset.pane = document.body.dataset.pane === "side" ? "thread" : "side";
  },
  say: (text, isPrivate) => doing(() => api.say(state.current.id, text, isPrivate)),
  status(status) {
    const tomorrow = Math.floor(Date.now() / 1000) + 86400;
    doing(() => api.setStatus(state.current.id, status, status === "snoozed" ? tomorrow : undefined));
  },
  take: () => doing(() => api.assign(state.current.id, state.me.id)),
  assign: (userId) => doing(() => api.assign(state.current.id, userId)),
  team: (teamId) => doing(() => api.setTeam(state.current.id, teamId)),
  priority: (name) => doing(() => api.setPriority(state.current.id, name)),
  labels: (wanted) => doing(() => api.setLabels(state.current.id, wanted)),
  typing(isPrivate) {
    if (isPrivate || act.typed) return;
    const { id } = state.current;
    act.typed = setTimeout(() => {
      act.typed = null;
      api.typing(id, "off").catch(() => {});
    }, 4000);
    api.typing(id, "on").catch(() => {});
  },
};

/** What a dashboard app is told. */
function context() {
  if (!state.current) return null;
  const { id, name, email } = state.me;
  return {
    conversation: { ...state.current, messages: state.messages },
    contact: state.current.meta.sender,
    currentAgent: { id, name, email },
  };
}

// -- life

function listen() {
  const live = document.getElementById("live");
  const stream = new EventSource("/desk/events");
  stream.onopen = () => { live.textContent = "Live"; live.dataset.on = "true"; };
  stream.onerror = () => {
    live.textContent = "Reconnecting";
    live.dataset.on = "false";
    if (stream.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    api.me().catch(() => {}); // leads to the sign-in when the session has ended
    setTimeout(listen, 3000);
  };
  stream.onmessage = () => refresh().catch((error) => notice(error.message));
}

async function begin() {
  const asked = location.pathname.match(/^\/app\/conversations\/(\d+)$/); // now: a row may be pressed meanwhile
  state.me = await api.me();
  document.getElementById("me").textContent = state.me.name;
  const names = ["agents", "teams", "labels", "apps", "definitions"];
  const loaded = await Promise.all(names.map((name) => api[name]()));
  names.forEach((name, number) => { state[name] = loaded[number]; });
  drawThread(roots.thread, state, act);
  await refresh();
  if (asked) await act.open(Number(asked[1]));
  listen();
}

begin().catch((error) => notice(error.message));
