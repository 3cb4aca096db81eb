-- refill: admissions
-- From which day on a move or a merger counts that made this row; empty: a filing made it. What is later than the end of a
-- closed year is no part of that year's register.
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS effective DATE;
