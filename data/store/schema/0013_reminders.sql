-- 催报: which enterprise was reminded of which round, and to whom it was passed on.
CREATE TABLE reminders (
    seq             BIGINT PRIMARY KEY,  -- of the fact
    enterprise_id   VARCHAR NOT NULL,
    round_id        VARCHAR NOT NULL,
    at_utc          TIMESTAMP NOT NULL,
    account_id      VARCHAR NOT NULL,    -- who reminded
    level           VARCHAR NOT NULL,    -- enterprise, district, city
    template        VARCHAR NOT NULL,
    message_id      VARCHAR NOT NULL
);
