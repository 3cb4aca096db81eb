-- 任务: how each job last went; no fact, one row a job.
CREATE TABLE job_runs (
    code        VARCHAR PRIMARY KEY,
    known_since TIMESTAMP NOT NULL,      -- a job is not late for hours before it was known
    started_at  TIMESTAMP,
    finished_at TIMESTAMP,               -- null while it runs, and for one that was cut off
    ok          BOOLEAN,
    result      VARCHAR NOT NULL
);
