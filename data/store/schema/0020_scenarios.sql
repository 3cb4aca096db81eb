-- 阈值测算: scenarios that somebody has saved. Parameters only: what they give is computed anew and kept nowhere.
CREATE TABLE scenarios (
    id          VARCHAR PRIMARY KEY,
    name        VARCHAR NOT NULL,
    note        VARCHAR NOT NULL,
    account_id  VARCHAR NOT NULL,        -- who saved it
    at_utc      TIMESTAMP NOT NULL,      -- when
    version     VARCHAR NOT NULL,        -- the policy version that it differs from
    changes     VARCHAR NOT NULL,        -- JSON: parameter -> value
    active      BOOLEAN NOT NULL,
    revision    BIGINT NOT NULL
);
