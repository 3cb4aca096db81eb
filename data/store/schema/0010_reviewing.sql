-- How many 核实 findings the filer has explained: lists order by it without reading every content.
ALTER TABLE filings ADD COLUMN explained INTEGER DEFAULT 0;
UPDATE filings SET explained = coalesce(len(json_keys(json_extract(content, '$.explanations'))), 0);
-- An admission that was taken back: its figures are outdone by those before, or by a row that counts for nothing.
ALTER TABLE figures ADD COLUMN withdrawn BOOLEAN DEFAULT FALSE;
-- 沟通记录: what reviewers and filers say to one another about a field ("" for the whole) of a filing.
CREATE TABLE comments (
    seq         BIGINT PRIMARY KEY,      -- of the fact
    filing_id   VARCHAR NOT NULL,
    at_utc      TIMESTAMP NOT NULL,
    account_id  VARCHAR NOT NULL,
    path        VARCHAR NOT NULL,        -- "step.field"
    text        VARCHAR NOT NULL
);
-- 区属调整: since when which district answers for an enterprise, whatever it files.
CREATE TABLE moves (
    enterprise_id   VARCHAR PRIMARY KEY,
    district        VARCHAR NOT NULL,
    effective       DATE NOT NULL,
    reason          VARCHAR NOT NULL,
    at_utc          TIMESTAMP NOT NULL
);
