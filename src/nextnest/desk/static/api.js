// The same API that everybody else uses, with the browser's session instead of a token.

const BASE = "/api/v1/accounts/1";

async function call(method, path, body) {
  const headers = { "X-Desk-Page": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 401 && path.endsWith("/profile")) location.assign("/");
  const text = await answer.text();
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    data = null;
  }
  if (!answer.ok) throw new Error(data?.error || data?.message || `The desk answered ${answer.status}`);
  return data;
}

const get = (path) => call("GET", BASE + path);
const post = (path, body = {}) => call("POST", BASE + path, body);

export const me = () => call("GET", "/api/v1/profile");
export const agents = () => get("/agents");
export const teams = () => get("/teams");
export const labels = async () => (await get("/labels")).payload;
export const apps = () => get("/dashboard_apps");
export const definitions = () => get("/custom_attribute_definitions");

export const conversations = async (query) =>
  (await get(`/conversations?${new URLSearchParams({ assignee_type: "all", ...query })}`)).data;
export const count = async (status) => (await get(`/conversations/meta?status=${status}`)).meta.all_count;
export const conversation = (id) => get(`/conversations/${id}`);
export const messages = async (id, before) =>
  (await get(`/conversations/${id}/messages${before ? `?before=${before}` : ""}`)).payload;

export const say = (id, content, isPrivate) =>
  post(`/conversations/${id}/messages`, { content, private: isPrivate, message_type: "outgoing" });
export const setStatus = (id, status, until) =>
  post(`/conversations/${id}/toggle_status`, until ? { status, snoozed_until: until } : { status });
export const assign = (id, userId) => post(`/conversations/${id}/assignments`, { assignee_id: userId });
export const setTeam = (id, teamId) => post(`/conversations/${id}/assignments`, { team_id: teamId });
export const setPriority = (id, priority) => post(`/conversations/${id}/toggle_priority`, { priority });
export const setLabels = (id, wanted) => post(`/conversations/${id}/labels`, { labels: wanted });
export const seen = (id) => post(`/conversations/${id}/update_last_seen`);
export const typing = (id, status) => post(`/conversations/${id}/toggle_typing_status`, { typing_status: status });
