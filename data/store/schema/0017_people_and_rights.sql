-- refill: admissions
-- 人才与知识产权, and what 企业规模 is checked by, of each admission as it was filed. Years before have them from the facts.
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS software_staff BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS insured_doctors BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS insured_masters BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS insured_bachelors BIGINT;
-- Listed rights by kind; ip_count is what was declared, and may be more.
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS ip_invention BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS ip_utility BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS ip_software BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS ip_layout BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS honours BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS standards BIGINT;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS industry VARCHAR;
ALTER TABLE admissions ADD COLUMN IF NOT EXISTS total_assets BIGINT; -- whole yuan
