-- 例会: live until frozen; a frozen one keeps the moment of its data and the policy, and is read from the facts by them.
CREATE TABLE meetings (
    id          VARCHAR PRIMARY KEY,
    day         DATE NOT NULL,
    title       VARCHAR NOT NULL,
    district    VARCHAR NOT NULL,        -- "": of the whole city
    year        SMALLINT NOT NULL,
    provisional BOOLEAN NOT NULL,        -- 预判
    layer       VARCHAR NOT NULL,        -- "": all
    size        VARCHAR NOT NULL,        -- "": all
    compared    VARCHAR NOT NULL,        -- id of an earlier frozen meeting; "": the last before it
    notes       VARCHAR NOT NULL,        -- JSON: screen -> text
    opened_by   VARCHAR NOT NULL,
    as_of       TIMESTAMP,               -- null until frozen
    policy      VARCHAR NOT NULL,        -- JSON, whole, as it stood; "" until frozen
    kept        VARCHAR NOT NULL         -- JSON: who was late and what was asked for then; "" until frozen
);
CREATE TABLE meeting_decisions (
    meeting_id  VARCHAR,
    number      INTEGER,
    text        VARCHAR NOT NULL,        -- "": struck out
    who         VARCHAR NOT NULL,
    due         DATE,
    done        BOOLEAN NOT NULL,
    PRIMARY KEY (meeting_id, number)
);
