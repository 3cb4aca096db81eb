-- 证明材料: what was uploaded, by whom; the bytes lie in the folder attachments/, named by their hash.
CREATE TABLE attachments (
    id              VARCHAR PRIMARY KEY, -- enterprise id and sha256
    enterprise_id   VARCHAR NOT NULL,
    sha256          VARCHAR NOT NULL,
    name            VARCHAR NOT NULL,
    kind            VARCHAR NOT NULL,    -- application/pdf, image/png, image/jpeg
    bytes           BIGINT NOT NULL,
    added_at        TIMESTAMP NOT NULL
);
