-- 企业信息: views that a person has saved; no facts. One without a query has been removed.
CREATE TABLE saved_views (
    account_id  VARCHAR,
    name        VARCHAR,
    query       VARCHAR NOT NULL,        -- as in the page's address
    PRIMARY KEY (account_id, name)
);
-- 项目库: demands that the bureau has taken up, as they were worded then.
CREATE TABLE projects (
    id              VARCHAR PRIMARY KEY, -- of the demand
    enterprise_id   VARCHAR NOT NULL,
    kind            VARCHAR NOT NULL,
    title           VARCHAR NOT NULL,
    description     VARCHAR NOT NULL,
    scale           VARCHAR NOT NULL,
    needed_by       VARCHAR NOT NULL,
    state           VARCHAR NOT NULL,    -- open, matched, done, closed
    reason          VARCHAR NOT NULL,    -- why it was closed, what came of it
    opened_at       TIMESTAMP NOT NULL,
    revision        BIGINT NOT NULL      -- counts its changes, that of its state by both agreeing among them
);
-- An enterprise proposed for a project; both sides answer, and only then learn how to reach each other.
CREATE TABLE matches (
    id              VARCHAR PRIMARY KEY, -- project and enterprise
    project_id      VARCHAR NOT NULL,
    enterprise_id   VARCHAR NOT NULL,
    reasons         VARCHAR NOT NULL,
    proposed_at     TIMESTAMP NOT NULL,
    demand          BOOLEAN,             -- null: not answered
    supply          BOOLEAN
);
