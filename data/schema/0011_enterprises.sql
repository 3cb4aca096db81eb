-- 企业信息: views that a person has saved; no facts. One without a query has been removed.
CREATE TABLE saved_views (
    account_id  VARCHAR,
    name        VARCHAR,
    query       VARCHAR NOT NULL,        -- as in the page's address
    PRIMARY KEY (account_id, name)
);
