-- The form's legal head (统计法): what each round's form shows at its top right; rounds set before have none.
ALTER TABLE rounds ADD COLUMN form_number VARCHAR DEFAULT '';
ALTER TABLE rounds ADD COLUMN authority VARCHAR DEFAULT '';
ALTER TABLE rounds ADD COLUMN approval VARCHAR DEFAULT '';
ALTER TABLE rounds ADD COLUMN valid_until DATE;
