//! Organisations of before get the shipped roles they lack; roles and memberships count their changes.
//!
//! A shipped role is shown by its key in the reader's language, so its name no longer keeps an organisation's own role from
//! being called the same in another. An own role that is called like a new one stays.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261124_100000_identity_shipped_roles", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE roles ADD COLUMN version bigint NOT NULL DEFAULT 1
;
ALTER TABLE memberships ADD COLUMN version bigint NOT NULL DEFAULT 1
;
DROP INDEX roles_name
;
CREATE UNIQUE INDEX roles_own_name ON roles (tenant_id, name) WHERE key IS NULL
;
CREATE INDEX membership_roles_holders ON membership_roles (tenant_id, role_id)
;
INSERT INTO roles (tenant_id, id, key, name, created_at)
SELECT o.id,
  gen_random_uuid(), -- postgres
  randomblob(16), -- sqlite
  r.key, CASE substr(o.locale, 1, 2) WHEN 'en' THEN r.en WHEN 'wo' THEN r.wo ELSE r.fr END, o.created_at
FROM organizations o CROSS JOIN (
  SELECT 'academic_director' AS key, 'Directeur académique' AS fr, 'Academic director' AS en, 'Njiitu njàngale' AS wo
  UNION ALL SELECT 'trainer', 'Formateur', 'Trainer', 'Jàngalekat'
  UNION ALL SELECT 'mentor', 'Mentor', 'Mentor', 'Ndimbal jàngalekat'
  UNION ALL SELECT 'learner', 'Apprenant', 'Learner', 'Jàngkat'
  UNION ALL SELECT 'project_lead', 'Chef de projet', 'Project lead', 'Njiitu naal'
  UNION ALL SELECT 'intern', 'Stagiaire', 'Intern', 'Tàggatukat'
  UNION ALL SELECT 'hr_manager', 'Responsable RH', 'HR manager', 'Njiitu liggéeykat yi'
  UNION ALL SELECT 'accountant', 'Comptable', 'Accountant', 'Waññikat xaalis'
  UNION ALL SELECT 'sales', 'Commercial', 'Sales', 'Jaaykat'
  UNION ALL SELECT 'content_editor', 'Rédacteur', 'Content editor', 'Bindkat'
  UNION ALL SELECT 'recruiter', 'Recruteur', 'Recruiter', 'Jëlkat liggéeykat'
  UNION ALL SELECT 'client', 'Client', 'Client', 'Kiliyaan') r
WHERE NOT EXISTS (SELECT 1 FROM roles x WHERE x.tenant_id = o.id AND x.key = r.key)
";

const DOWN: &str = "
DELETE FROM membership_roles WHERE EXISTS (SELECT 1 FROM roles r WHERE r.tenant_id = membership_roles.tenant_id
  AND r.id = membership_roles.role_id AND r.key NOT IN ('owner', 'administrator', 'manager', 'employee', 'auditor'))
;
DELETE FROM roles WHERE key NOT IN ('owner', 'administrator', 'manager', 'employee', 'auditor')
;
DROP INDEX membership_roles_holders
;
DROP INDEX roles_own_name
;
CREATE UNIQUE INDEX roles_name ON roles (tenant_id, name)
;
ALTER TABLE memberships DROP COLUMN version
;
ALTER TABLE roles DROP COLUMN version
";
