-- Sessions end with this version once: people sign in again. The provider's token is kept for signing out there.
DROP TABLE sessions;
CREATE TABLE sessions (
    id          VARCHAR PRIMARY KEY,     -- sha256 of the cookie's token
    account_id  VARCHAR NOT NULL,
    opened_at   TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP,
    way         VARCHAR NOT NULL,        -- 统一登录, 用户名登录, 扫码登录
    address     VARCHAR,
    agent       VARCHAR,
    id_token    VARCHAR                  -- removed when the session ends
);
-- When a session was last used; apart from sessions, so that a click does not outdate what is known of all others.
CREATE TABLE session_activity (
    id      VARCHAR PRIMARY KEY,
    seen_at TIMESTAMP NOT NULL
);
-- What stands between a right password and a session: the second factor, a password that must be changed.
CREATE TABLE sign_in_steps (
    id          VARCHAR PRIMARY KEY,     -- sha256 of the ticket in the signing-in browser's cookie
    account_id  VARCHAR NOT NULL,
    wanted      VARCHAR NOT NULL,        -- the page first asked for
    expires_at  TIMESTAMP NOT NULL,
    proven      BOOLEAN NOT NULL,        -- the second factor has been shown
    secret      VARCHAR,                 -- of an authenticator being enrolled
    spent       BOOLEAN NOT NULL
);
CREATE TABLE credentials_of_accounts AS SELECT * FROM credentials;
DROP TABLE credentials;
CREATE TABLE credentials (
    account_id      VARCHAR PRIMARY KEY,
    password_hash   VARCHAR NOT NULL,
    changed_at      TIMESTAMP NOT NULL,
    must_change     BOOLEAN NOT NULL,    -- set by somebody else: to be changed at the next sign-in
    earlier         VARCHAR NOT NULL,    -- JSON: hashes of the passwords before, newest first
    totp_secret     VARCHAR,             -- base32; null: no second factor
    totp_step       BIGINT NOT NULL      -- the newest time step used: a code counts once
);
INSERT INTO credentials SELECT account_id, password_hash, changed_at, FALSE, '[]', NULL, 0 FROM credentials_of_accounts;
DROP TABLE credentials_of_accounts;
