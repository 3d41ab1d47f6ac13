//! Row-level security, the last wall between organisations on PostgreSQL.
//!
//! | role | who is it | sees |
//! |---|---|---|
//! | `teranga_app` | every transaction and lone statement inside an organisation | the rows of the tenant said in `app.tenant`; none when none is said |
//! | `teranga_system` | the scheduler, the job ledger, sign-in | every row |
//! | the login | migrations, `backup`, `restore` | every row, as a member of the second |
//!
//! Neither role may log in, owns anything or bypasses a policy; processes take one on as they open a connection or a
//! transaction. A table is an organisation's when it has a `tenant_id` that is never null, so a new one cannot be
//! forgotten; sessions are, too, but for those of accounts alone. What is audited they read and add to, and may neither change nor
//! delete. With what people prove who they are, and with the installation's own keys, no organisation has anything to do
//! ([`SECRETS`]): `teranga_app` may not so much as read it.

use sea_orm_migration::prelude::DbErr;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Takes on a tenant's rights at the start of a connection.
pub const APP_ROLE: &str = "teranga_app";
/// Takes on the system's rights, inside a transaction or for a connection of the system's own.
pub const SYSTEM_ROLE: &str = "teranga_system";

/// Makes the two roles, where the cluster lacks them, and lets the login take them on. A login that may do neither is told
/// what an administrator has to run.
pub async fn make_roles(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    let made = database.execute_unprepared(ROLES).await;
    made.map(drop).map_err(|cause| DbErr::Custom(format!("{cause}. {ADVICE}")))
}

const ADVICE: &str = "An administrator of PostgreSQL has to make the two roles, once, and lend them to the user of DATABASE_URL: \
    CREATE ROLE teranga_app NOLOGIN; CREATE ROLE teranga_system NOLOGIN; GRANT teranga_app, teranga_system TO that_user;";

/// Puts every table that lacks it behind its policies; the roles are made first. Safe to repeat.
pub async fn enforce(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    make_roles(database).await?;
    database.execute_unprepared(POLICIES).await?;
    let withheld = WITHHELD.replace("{secrets}", &SECRETS.join(" ")).replace("{added_to}", &ADDED_TO.join(" "));
    database.execute_unprepared(&withheld).await.map(drop)
}

/// Another database of the cluster may make the same roles at this moment.
const ROLES: &str = "
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['teranga_app', 'teranga_system'] LOOP
    IF to_regrole(wanted) IS NULL THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT NOBYPASSRLS', wanted);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    BEGIN
      EXECUTE format('SET LOCAL ROLE %I', wanted);
      RESET ROLE;
    EXCEPTION WHEN insufficient_privilege THEN
      EXECUTE format('GRANT %I TO %I', wanted, session_user);
    END;
  END LOOP;
END $$";

/// The tables of the doorway alone.
pub const SECRETS: [&str; 9] = [
    "account_links",
    "external_identities",
    "known_devices",
    "operators",
    "recovery_codes",
    "refresh_tokens",
    "second_factors",
    "signing_keys",
    "spent_flows",
];

/// What an organisation adds to and never reads: what happened to people's accounts, and what operators did.
pub const ADDED_TO: [&str; 2] = ["operator_acts", "security_events"];

const WITHHELD: &str = "
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY string_to_array('{secrets}', ' ') LOOP
    IF (SELECT CASE WHEN to_regclass(name) IS NULL THEN false ELSE has_table_privilege('teranga_app', name, 'SELECT') END) THEN
      EXECUTE format('REVOKE ALL ON %I FROM teranga_app', name);
    END IF;
  END LOOP;
  FOREACH name IN ARRAY string_to_array('{added_to}', ' ') LOOP
    IF (SELECT CASE WHEN to_regclass(name) IS NULL THEN false ELSE has_table_privilege('teranga_app', name, 'SELECT') END) THEN
      EXECUTE format('REVOKE ALL ON %I FROM teranga_app', name);
      EXECUTE format('GRANT INSERT ON %I TO teranga_app', name);
    END IF;
  END LOOP;
END $$";

/// `organizations` has its tenant for a key. The tenant is read without a sub-select: statements name theirs, too, so the two
/// are compared once a statement, and a statement over ten tables would begin ten sub-selects.
const POLICIES: &str = "
DO $$
DECLARE open record;
BEGIN
  FOR open IN
    SELECT c.oid::regclass AS name, coalesce(a.attname, 'id') AS tenant, a.attname IS NOT NULL OR c.relname = 'organizations' AS walled,
      CASE WHEN c.relname IN ('audit_events', 'audit_seals', 'operator_acts') THEN 'SELECT, INSERT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END AS rights
    FROM pg_class c
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND (a.attnotnull OR c.relname = 'sessions') AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND NOT (has_table_privilege('teranga_system', c.oid, 'INSERT') AND (c.relrowsecurity OR a.attname IS NULL AND c.relname <> 'organizations'))
  LOOP
    EXECUTE format('GRANT %s ON %s TO teranga_app, teranga_system', open.rights, open.name);
    IF open.walled THEN
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', open.name);
      EXECUTE format('CREATE POLICY of_the_tenant ON %s TO teranga_app '
        'USING (%I = nullif(current_setting(''app.tenant'', true), '''')::uuid)', open.name, open.tenant);
      EXECUTE format('CREATE POLICY of_the_system ON %s TO teranga_system USING (true)', open.name);
    END IF;
  END LOOP;
  FOR open IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
    AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege('teranga_system', c.oid, 'SELECT') ELSE false END
  LOOP
    EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO teranga_app, teranga_system', open.name);
  END LOOP;
  IF NOT has_schema_privilege('teranga_system', current_schema(), 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO teranga_app, teranga_system', current_schema());
  END IF;
  IF NOT has_database_privilege('teranga_system', current_database(), 'TEMPORARY') THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO teranga_app, teranga_system', current_database());
  END IF;
END $$";
