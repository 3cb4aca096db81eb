-- 企业合并: into which enterprise one was merged, and since when; an empty into_id: taken back.
CREATE TABLE mergers (
    enterprise_id   VARCHAR PRIMARY KEY,
    into_id         VARCHAR,
    effective       DATE,
    reason          VARCHAR NOT NULL,
    document        VARCHAR NOT NULL,
    admission       BIGINT,              -- the admission that ended with it
    at_utc          TIMESTAMP NOT NULL,
    seq             BIGINT NOT NULL      -- of the newest fact
);
-- 待生效: what is to happen to an enterprise on a day to come; an empty target: done or withdrawn.
CREATE TABLE planned_changes (
    enterprise_id   VARCHAR NOT NULL,
    change          VARCHAR NOT NULL,    -- move (target: a district), merge (target: an enterprise)
    target          VARCHAR,
    effective       DATE,
    reason          VARCHAR NOT NULL,
    document        VARCHAR NOT NULL,
    account_id      VARCHAR NOT NULL,
    at_utc          TIMESTAMP NOT NULL,
    seq             BIGINT NOT NULL,     -- of the newest fact
    PRIMARY KEY (enterprise_id, change)
);
