-- 本周测算 of a 例会: what its scenario is called, and the parameters that it changes (JSON); "": the default one.
ALTER TABLE meetings ADD COLUMN scenario VARCHAR DEFAULT '';
ALTER TABLE meetings ADD COLUMN parameters VARCHAR DEFAULT '{}';
