-- Facts: appended, never overwritten, hash-chained. Everything below them can be rebuilt from them.
CREATE TABLE facts (
    seq         BIGINT PRIMARY KEY,
    at_utc      TIMESTAMP NOT NULL,      -- UTC
    account_id  VARCHAR NOT NULL,        -- who
    session_id  VARCHAR,                 -- from which session
    kind        VARCHAR NOT NULL,
    subject     VARCHAR NOT NULL,        -- what it is about, "filing:…", "account:…"
    revision    BIGINT NOT NULL,         -- of the subject, from 1
    body        VARCHAR NOT NULL,        -- JSON
    hash        VARCHAR NOT NULL         -- sha256 over the previous hash and this row
);
-- A retried request finds its first answer here.
CREATE TABLE request_keys (
    key     VARCHAR PRIMARY KEY,
    result  VARCHAR NOT NULL             -- JSON
);

-- Projections: the current state that pages read often.
CREATE TABLE rounds (
    id      VARCHAR PRIMARY KEY,
    year    SMALLINT NOT NULL,
    columns VARCHAR NOT NULL,            -- comma-separated: q1,q2,q3,full_year
    opens   DATE NOT NULL,
    closes  DATE NOT NULL
);
CREATE TABLE enterprises (
    id          VARCHAR PRIMARY KEY,
    uscc        VARCHAR NOT NULL,
    name        VARCHAR NOT NULL,
    district    VARCHAR,                 -- code of 区属; null until first filed
    known_since TIMESTAMP NOT NULL
);
CREATE TABLE designations (
    name        VARCHAR PRIMARY KEY,     -- as the bureau's document names it
    designation VARCHAR NOT NULL,
    source      VARCHAR NOT NULL
);
CREATE TABLE filings (
    id              VARCHAR PRIMARY KEY,
    enterprise_id   VARCHAR NOT NULL,
    round_id        VARCHAR NOT NULL,
    state           VARCHAR NOT NULL,
    revision        BIGINT NOT NULL,
    name            VARCHAR NOT NULL,
    district        VARCHAR,             -- as now filed; decides which district reviews
    total_revenue   BIGINT,              -- whole yuan, this round's year and last open column, as now filed
    ai_revenue      BIGINT,
    software_revenue BIGINT,
    hardware_revenue BIGINT,
    content         VARCHAR NOT NULL,    -- JSON, as typed
    first_draft     VARCHAR NOT NULL,    -- JSON, content when this round's figures were first saved
    opened_at       TIMESTAMP NOT NULL,
    saved_at        TIMESTAMP NOT NULL,
    submitted_at    TIMESTAMP,
    decided_at      TIMESTAMP,
    reasons         VARCHAR NOT NULL,    -- JSON: "step.field" -> reason of the last 退回; "" -> general remark
    decided_by      VARCHAR
);
-- Admissions and the figures admitted with them: appended only, so that any day can be asked for.
CREATE TABLE admissions (
    seq             BIGINT PRIMARY KEY,  -- of the fact
    at_utc          TIMESTAMP NOT NULL,
    enterprise_id   VARCHAR NOT NULL,
    filing_id       VARCHAR NOT NULL,
    admitted        BOOLEAN NOT NULL,    -- false: 撤销入库
    name            VARCHAR,
    uscc            VARCHAR,
    district        VARCHAR,
    size            VARCHAR,
    layer           VARCHAR,
    segments        VARCHAR,             -- comma-separated codes
    ip_count        BIGINT,
    developers      BIGINT,
    insured_staff   BIGINT
);
CREATE TABLE figures (
    seq                 BIGINT,
    year                SMALLINT,
    period              VARCHAR,         -- q1, q2, q3, full_year: cumulative
    enterprise_id       VARCHAR NOT NULL,
    at_utc              TIMESTAMP NOT NULL,
    forecast            BOOLEAN NOT NULL,
    total_revenue       BIGINT,          -- whole yuan
    ai_revenue          BIGINT,
    software_revenue    BIGINT,
    hardware_revenue    BIGINT,
    PRIMARY KEY (seq, year, period)
);
CREATE TABLE accounts (
    id              VARCHAR PRIMARY KEY,
    username        VARCHAR NOT NULL,    -- lower case; a credit code for those who come from the platform
    name            VARCHAR NOT NULL,
    role            VARCHAR NOT NULL,
    enterprise_id   VARCHAR,
    district        VARCHAR,
    active          BOOLEAN NOT NULL,
    demonstration   BOOLEAN NOT NULL
);

-- Not facts and not rebuilt: secrets and what changes with every click.
CREATE TABLE credentials (
    account_id      VARCHAR PRIMARY KEY,
    password_hash   VARCHAR NOT NULL,
    changed_at      TIMESTAMP NOT NULL
);
CREATE TABLE sessions (
    id          VARCHAR PRIMARY KEY,     -- sha256 of the cookie's token
    account_id  VARCHAR NOT NULL,
    opened_at   TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP,
    address     VARCHAR,
    agent       VARCHAR
);
CREATE TABLE sign_in_failures (
    username    VARCHAR,
    at_utc      TIMESTAMP,
    address     VARCHAR,
    PRIMARY KEY (username, at_utc)
);
