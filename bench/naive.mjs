// The handler that people write first: await the model, post the answer, await the trace, keep nothing.
// Environment: PORT, MODEL_URL, TRACE_URL, DESK_URL, BOT_TOKEN. No check, no store, no queue, no retry.
import http from "node:http";

const { PORT, MODEL_URL, TRACE_URL, DESK_URL, BOT_TOKEN } = process.env;

async function post(url, body, headers = {}) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return answer.json();
}

async function reply(event) {
  if (event.event !== "message_created" || event.message_type !== "incoming" || event.private) return;
  const messages = [{ role: "user", content: event.content }];
  const said = await post(MODEL_URL, { model: "scripted", messages });
  const content = JSON.parse(said.choices[0].message.content).text;
  const path = `/api/v1/accounts/1/conversations/${event.conversation.id}/messages`;
  await post(DESK_URL + path, { content, message_type: "outgoing" }, { "api-access-token": BOT_TOKEN });
  await post(TRACE_URL, { input: event.content, output: content });
}

http
  .createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      try {
        await reply(JSON.parse(Buffer.concat(chunks).toString()));
        response.writeHead(200).end("{}");
      } catch {
        response.writeHead(500).end("{}");
      }
    });
  })
  .listen(Number(PORT), "127.0.0.1");
