-- Everything the playground knows. Names follow Chatwoot's own.
CREATE TABLE IF NOT EXISTS accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, locale TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, name TEXT NOT NULL,
  email TEXT NOT NULL, role TEXT NOT NULL, access_token TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS teams (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS agent_bots (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, name TEXT NOT NULL,
  outgoing_url TEXT NOT NULL, access_token TEXT NOT NULL UNIQUE, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS inboxes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, name TEXT NOT NULL,
  channel TEXT NOT NULL, webhook_url TEXT NOT NULL DEFAULT '', secret TEXT NOT NULL,
  agent_bot_id INTEGER);
CREATE TABLE IF NOT EXISTS webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, name TEXT NOT NULL,
  url TEXT NOT NULL, subscriptions TEXT NOT NULL, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS contacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, name TEXT NOT NULL,
  phone TEXT, email TEXT, identifier TEXT, blocked INTEGER NOT NULL DEFAULT 0,
  custom_attributes TEXT NOT NULL DEFAULT '{}', created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS contact_inboxes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, contact_id INTEGER NOT NULL, inbox_id INTEGER NOT NULL,
  source_id TEXT NOT NULL, pubsub_token TEXT NOT NULL,
  hmac_verified INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL,
  UNIQUE (inbox_id, source_id));
CREATE TABLE IF NOT EXISTS conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, display_id INTEGER NOT NULL,
  uuid TEXT NOT NULL, inbox_id INTEGER NOT NULL, contact_inbox_id INTEGER NOT NULL,
  status TEXT NOT NULL, assignee_id INTEGER, team_id INTEGER, priority TEXT,
  labels TEXT NOT NULL DEFAULT '[]', custom_attributes TEXT NOT NULL DEFAULT '{}',
  window_closed INTEGER NOT NULL DEFAULT 0, snoozed_until REAL, first_reply_at REAL,
  waiting_since REAL, agent_seen_at REAL NOT NULL DEFAULT 0,
  contact_seen_at REAL NOT NULL DEFAULT 0, last_activity_at REAL NOT NULL,
  typing_until REAL NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1,
  created_at REAL NOT NULL, updated_at REAL NOT NULL, UNIQUE (account_id, display_id));
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INTEGER NOT NULL,
  message_type INTEGER NOT NULL, content TEXT, content_type TEXT NOT NULL DEFAULT 'text',
  content_attributes TEXT NOT NULL DEFAULT '{}', additional_attributes TEXT NOT NULL DEFAULT '{}',
  private INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'sent', source_id TEXT,
  in_channel INTEGER NOT NULL DEFAULT 1, sender_type TEXT, sender_id INTEGER,
  attachments TEXT NOT NULL DEFAULT '[]', created_at REAL NOT NULL, updated_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS messages_conversation ON messages (conversation_id, id);
-- body: rendered at commit for bots; empty for account hooks, which are rendered when sent.
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, url TEXT NOT NULL,
  secret TEXT NOT NULL, event TEXT NOT NULL, conversation_id INTEGER NOT NULL, message_id INTEGER,
  extra TEXT NOT NULL DEFAULT '{}', body BLOB, delivery_id TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (done, due);
CREATE TABLE IF NOT EXISTS log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL,
  account_id INTEGER, display_id INTEGER, text TEXT NOT NULL, status INTEGER, millis REAL);
