//! Links that prove whose an address is: for a new account, a forgotten password, a new address.
//!
//! A row is not the secret: that is made from its id with the installation's key, and never kept.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261124_090000_account_links", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE users ADD COLUMN email_verified_at bigint
;
CREATE TABLE account_links (
  id {id} NOT NULL PRIMARY KEY,
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD', 'CHANGE_EMAIL')),
  email text NOT NULL CHECK (email = lower(email)),
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_at bigint)
;
CREATE INDEX account_links_of_user ON account_links (user_id, purpose, created_at)
;
CREATE INDEX account_links_expiry ON account_links (expires_at)
";

const DOWN: &str = "
DROP TABLE account_links
;
ALTER TABLE users DROP COLUMN email_verified_at
";
