-- Failed sign-ins before this moment no longer lock the user name.
CREATE TABLE unlocks (
    username    VARCHAR PRIMARY KEY,
    at_utc      TIMESTAMP NOT NULL
);
