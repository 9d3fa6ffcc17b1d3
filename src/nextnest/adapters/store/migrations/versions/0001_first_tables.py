"""The first tables, and the queue's own schema beside them.

Every "must not happen twice" is a unique constraint here, not a check in code.
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None

TABLES = """
CREATE TYPE owner AS ENUM ('bot', 'person', 'nobody');
CREATE TYPE turn_outcome AS ENUM ('replied', 'drafted', 'handed_off', 'superseded', 'silent', 'failed');
CREATE TYPE outbox_state AS ENUM ('intended', 'unknown', 'sent', 'settled', 'failed', 'cancelled');
CREATE TYPE outbox_kind AS ENUM
  ('message', 'note', 'status', 'labels', 'attributes', 'priority', 'team', 'customer_message');
CREATE TYPE handoff_state AS ENUM ('requested', 'open', 'accepted', 'escalated', 'returned');
CREATE TYPE draft_state AS ENUM ('waiting', 'approved', 'discarded', 'lapsed');
CREATE TYPE sync_state AS ENUM ('pending', 'synced', 'failed');

-- Which Chatwoot this database belongs to: display ids mean nothing elsewhere.
CREATE TABLE installation (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  origin text NOT NULL
);

CREATE TABLE leads (
  id text PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  data jsonb NOT NULL,
  email text,
  phone text,
  purpose text,
  score smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
  receipt jsonb NOT NULL,
  persona text NOT NULL,
  flags text[] NOT NULL DEFAULT '{}',
  sync sync_state NOT NULL DEFAULT 'pending',
  sync_attempts integer NOT NULL DEFAULT 0,
  sync_error text,
  contact_id bigint,
  conversation_id bigint UNIQUE
);
CREATE INDEX leads_by_phone ON leads (phone, purpose) WHERE phone IS NOT NULL;
CREATE INDEX leads_by_email ON leads (email, purpose) WHERE email IS NOT NULL;
CREATE INDEX leads_unsynced ON leads (created_at) WHERE sync <> 'synced';

CREATE TABLE submissions (
  idempotency_key text PRIMARY KEY,
  lead_id text NOT NULL REFERENCES leads ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE lead_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lead_id text NOT NULL REFERENCES leads ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL,
  data jsonb NOT NULL
);
CREATE INDEX lead_events_by_lead ON lead_events (lead_id, id);

CREATE TABLE conversations (
  id bigint PRIMARY KEY, -- Chatwoot's display id
  lead_id text REFERENCES leads ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  persona text NOT NULL,
  owner owner NOT NULL DEFAULT 'bot',
  status text NOT NULL DEFAULT 'pending',
  released_at bigint NOT NULL DEFAULT 0,
  released_assignee bigint,
  bot_assigned boolean NOT NULL DEFAULT false, -- at the last look
  watermark bigint NOT NULL DEFAULT 0,
  wakes bigint NOT NULL DEFAULT 0, -- grows with every event that may ask for a turn
  waiting_since timestamptz, -- first customer message that no turn has taken yet
  waiting_count integer NOT NULL DEFAULT 0,
  due_at timestamptz, -- when the quiet time is over; null: nothing to look at
  turns integer NOT NULL DEFAULT 0,
  misunderstood integer NOT NULL DEFAULT 0,
  superseded integer NOT NULL DEFAULT 0
);
CREATE INDEX conversations_due ON conversations (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE webhook_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  delivery_id text,
  fingerprint bytea UNIQUE, -- message events: the same whatever route they came by
  event text NOT NULL,
  conversation_id bigint NOT NULL,
  message_id bigint,
  received_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (source, delivery_id)
);
CREATE INDEX webhook_events_by_age ON webhook_events USING brin (received_at);

CREATE TABLE turns (
  id text PRIMARY KEY,
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  input_ids bigint[] NOT NULL,
  inputs text[] NOT NULL DEFAULT '{}', -- what the customer said, identity numbers masked
  first_input_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  answered_at timestamptz,
  ended_at timestamptz,
  attempts integer NOT NULL DEFAULT 1, -- how often it was begun: it may die before it has an answer
  plan turn_outcome, -- what the turn ends in when all its intents are done
  outcome turn_outcome,
  reason text,
  last_message bigint NOT NULL DEFAULT 0, -- the newest message of the thread that the answer knew
  reply jsonb,
  steps jsonb NOT NULL DEFAULT '[]',
  persona text NOT NULL,
  lead_score smallint,
  rule_version text,
  model text,
  input_tokens integer NOT NULL DEFAULT 0,
  output_tokens integer NOT NULL DEFAULT 0,
  cost_usd numeric(12, 6) NOT NULL DEFAULT 0,
  CHECK ((outcome IS NULL) = (ended_at IS NULL)),
  CHECK (outcome IS NULL OR outcome NOT IN ('silent', 'failed', 'handed_off') OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX turns_one_at_a_time ON turns (conversation_id) WHERE outcome IS NULL;
CREATE INDEX turns_by_conversation ON turns (conversation_id, started_at);
CREATE INDEX turns_by_end ON turns (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX turns_failed ON turns (ended_at) WHERE outcome = 'failed';

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE, -- what may happen once: greeting of a conversation, part 1 of a turn's reply, …
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  turn_id text REFERENCES turns ON DELETE CASCADE,
  kind outbox_kind NOT NULL,
  guard text NOT NULL DEFAULT 'none' CHECK (guard IN ('none', 'ours', 'reply')),
  payload jsonb NOT NULL,
  state outbox_state NOT NULL DEFAULT 'intended',
  attempts integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  attempted_at timestamptz,
  after_message bigint NOT NULL DEFAULT 0, -- the thread's last message before the attempt
  done_at timestamptz,
  message_id bigint,
  window_ms real, -- from the last look at the thread to the answer of the POST
  error text
);
CREATE INDEX outbox_open ON outbox (conversation_id, id) WHERE state IN ('intended', 'unknown');
CREATE INDEX outbox_due ON outbox (not_before) WHERE state IN ('intended', 'unknown');
CREATE INDEX outbox_failed ON outbox (created_at) WHERE state = 'failed';
CREATE INDEX outbox_by_turn ON outbox (turn_id);
CREATE INDEX outbox_by_done ON outbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE handoffs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  turn_id text REFERENCES turns ON DELETE SET NULL,
  reason text NOT NULL,
  state handoff_state NOT NULL DEFAULT 'requested',
  inbox_id bigint, -- whose working hours count
  requested_at timestamptz NOT NULL DEFAULT now(),
  opened_at timestamptz,
  accepted_at timestamptz,
  escalate_at timestamptz, -- worked out after it was opened: null until then
  ended_at timestamptz
);
CREATE UNIQUE INDEX handoffs_one_at_a_time ON handoffs (conversation_id)
  WHERE state IN ('requested', 'open', 'accepted', 'escalated');
CREATE INDEX handoffs_open ON handoffs (escalate_at) WHERE state = 'open';

CREATE TABLE drafts (
  turn_id text PRIMARY KEY REFERENCES turns ON DELETE CASCADE,
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  text text NOT NULL,
  final_text text, -- what was approved, when a person used other words
  channel text NOT NULL,
  contact_name text,
  after_message bigint NOT NULL, -- the thread's last message when it was written
  state draft_state NOT NULL DEFAULT 'waiting',
  decided_by text, -- the panel, or the note that said so
  decided_at timestamptz
);
CREATE UNIQUE INDEX drafts_one_waiting ON drafts (conversation_id) WHERE state = 'waiting';
CREATE INDEX drafts_by_conversation ON drafts (conversation_id, created_at);

-- What the last comparison with Chatwoot found, for the metrics.
CREATE TABLE drift (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  looked_at timestamptz NOT NULL DEFAULT 'epoch',
  counts jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO drift DEFAULT VALUES;

-- Numbers that only a worker's own process knows, for the metrics of the web.
CREATE TABLE reports (
  process text PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  samples jsonb NOT NULL
);

CREATE TABLE trace_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  turn_id text NOT NULL UNIQUE,
  payload jsonb NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  refused text
);
CREATE INDEX trace_outbox_due ON trace_outbox (not_before) WHERE refused IS NULL;

CREATE TABLE rate_sheets (
  version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  imported_at timestamptz NOT NULL DEFAULT now(),
  as_of date NOT NULL,
  valid_until date NOT NULL,
  name text NOT NULL,
  content text NOT NULL
);

CREATE TABLE model_spend (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  model text NOT NULL,
  tokens bigint NOT NULL,
  cost_usd numeric(12, 6) NOT NULL
);
CREATE INDEX model_spend_by_conversation ON model_spend (conversation_id);
CREATE INDEX model_spend_by_day ON model_spend (at);

CREATE TABLE customer_messages (
  client_id text NOT NULL,
  lead_id text NOT NULL REFERENCES leads ON DELETE CASCADE,
  text text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (lead_id, client_id)
);

-- The queue looks for earlier jobs of the same lane at every fetch.
CREATE INDEX procrastinate_jobs_lane ON procrastinate_jobs (lock, priority, id) WHERE status = 'todo';
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    connection.exec_driver_sql(TABLES.replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("the first tables are not taken away: drop the database instead")
