-- 机构管理: parks below the districts, which ship with the product. A removed one stays for the accounts of the past.
CREATE TABLE organisations (
    id      VARCHAR PRIMARY KEY,
    name    VARCHAR NOT NULL,
    parent  VARCHAR NOT NULL,
    active  BOOLEAN NOT NULL
);
-- 企业归属: the park an enterprise lies in, the member of staff who looks after it.
CREATE TABLE placements (
    enterprise_id   VARCHAR PRIMARY KEY,
    organisation_id VARCHAR,
    officer_id      VARCHAR
);
-- 角色管理: roles as the bureau has set them, over those that ship.
CREATE TABLE roles (
    code            VARCHAR PRIMARY KEY,
    name            VARCHAR NOT NULL,
    note            VARCHAR NOT NULL,
    permissions     VARCHAR NOT NULL,    -- comma-separated
    scope           VARCHAR NOT NULL,    -- all, organisation_below, organisation, own, custom
    organisations   VARCHAR NOT NULL,    -- comma-separated: of scope custom
    second_factor   BOOLEAN,             -- null: as configured
    active          BOOLEAN NOT NULL
);
-- An account works in an organisation; until now that was a district.
ALTER TABLE accounts ADD COLUMN organisation_id VARCHAR;
UPDATE accounts SET organisation_id = district;
ALTER TABLE accounts DROP COLUMN district;
