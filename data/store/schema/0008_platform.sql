-- 填报期: who must file.
ALTER TABLE rounds ADD COLUMN obliged VARCHAR DEFAULT 'all';     -- all, admitted
ALTER TABLE rounds ADD COLUMN districts VARCHAR DEFAULT '';      -- comma-separated codes; empty: every one
-- One enterprise may file after the round's end; it may not have opened its filing yet.
CREATE TABLE filing_unlocks (
    filing_id   VARCHAR PRIMARY KEY,
    until       DATE,                    -- the last day; null: locked again
    reason      VARCHAR NOT NULL,
    account_id  VARCHAR NOT NULL,
    at_utc      TIMESTAMP NOT NULL
);
-- 政策版本 of the bureau, behind those that ship with the product.
CREATE TABLE policies (
    id              VARCHAR PRIMARY KEY,
    version         VARCHAR NOT NULL,
    effective_from  DATE NOT NULL,
    policy          VARCHAR NOT NULL,    -- JSON, the whole of it
    state           VARCHAR NOT NULL,    -- draft, published, withdrawn
    authors         VARCHAR NOT NULL,    -- comma-separated accounts: who drafted or changed it, newest last
    published_by    VARCHAR,
    published_seq   BIGINT               -- of two that count from one day the later published holds
);
-- 参数, where they differ from what ships.
CREATE TABLE parameters (
    code        VARCHAR PRIMARY KEY,
    value       BIGINT NOT NULL,
    account_id  VARCHAR NOT NULL,
    at_utc      TIMESTAMP NOT NULL
);
