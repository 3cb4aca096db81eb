-- 站内信: what was sent to whom; made from the facts.
CREATE TABLE messages (
    id          VARCHAR PRIMARY KEY,
    at_utc      TIMESTAMP NOT NULL,
    sender_id   VARCHAR NOT NULL,       -- account, or "system"
    kind        VARCHAR NOT NULL,       -- message, or what another part of the product sends: reminder, …
    title       VARCHAR NOT NULL,
    text        VARCHAR NOT NULL,
    link        VARCHAR NOT NULL,       -- in-app path, or empty
    thread      VARCHAR NOT NULL,       -- id of the message that began it
    recipients  BIGINT NOT NULL
);
CREATE TABLE message_recipients (
    message_id  VARCHAR,
    account_id  VARCHAR,
    PRIMARY KEY (message_id, account_id)
);
-- Receipts and what became of outgoing copies are no facts: they change with every look, and are not rebuilt.
CREATE TABLE message_reads (
    message_id  VARCHAR,
    account_id  VARCHAR,
    read_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (message_id, account_id)
);
CREATE TABLE outgoing (
    message_id  VARCHAR,
    account_id  VARCHAR,
    state       VARCHAR NOT NULL,       -- queued, sent, failed
    at_utc      TIMESTAMP NOT NULL,     -- when it came into this state
    PRIMARY KEY (message_id, account_id)
);
-- 通知公告
CREATE TABLE notices (
    id          VARCHAR PRIMARY KEY,
    title       VARCHAR NOT NULL,
    text        VARCHAR NOT NULL,
    state       VARCHAR NOT NULL,       -- draft, published, withdrawn
    pinned      BOOLEAN NOT NULL,
    roles       VARCHAR NOT NULL,       -- comma-separated; empty: every role
    districts   VARCHAR NOT NULL,       -- comma-separated; empty: every district
    until       DATE,                   -- last day it is shown
    revision    BIGINT NOT NULL,
    author_id   VARCHAR NOT NULL,
    changed_at  TIMESTAMP NOT NULL,
    published_at TIMESTAMP
);
CREATE TABLE notice_reads (
    notice_id   VARCHAR,
    account_id  VARCHAR,
    read_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (notice_id, account_id)
);
