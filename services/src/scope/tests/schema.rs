//! The history of the schema against the entities, and back to nothing.

use super::*;
use crate::testing::bare_database;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ColumnTrait, ColumnType, DatabaseConnection, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};
use std::collections::BTreeMap;
use std::path::Path;

/// A column: its type as the database calls it, whether it may be null, whether it is of the key.
type Columns = BTreeMap<String, (String, bool, bool)>;

/// Every entity's table and columns.
fn entities_on(backend: DbBackend) -> BTreeMap<String, Columns> {
    macro_rules! columns_of {
        ($($domain:ident: $($entity:ident)*;)*) => {
            [$($(columns_of::<entities::$domain::$entity::Entity>(backend),)*)*].into()
        };
    }
    columns_of! {
        alerts: alert rule rule_recipient transition;
        audit: event operator_act seal;
        data_imports: data_import row_error;
        files: file file_upload;
        identity: account_link api_token external_identity invitation invitation_role known_device membership membership_role oauth_client
            oauth_code oauth_consent oauth_grant oauth_refresh_token operator organization recovery_code refresh_token role role_grant
            second_factor security_event session signing_key spent_flow team team_member user;
        inventory: category product stock_level stock_movement supplier unit warehouse;
        notifications: delivery notification;
        work: job queue schedule;
    }
}

fn columns_of<E: EntityTrait>(backend: DbBackend) -> (String, Columns) {
    let key: BTreeSet<String> = E::PrimaryKey::iter().map(|key| key.into_column().as_str().to_owned()).collect();
    let columns = E::Column::iter().map(|column| {
        let (name, def) = (column.as_str().to_owned(), column.def());
        let kind = type_on(backend, def.get_column_type());
        (name.clone(), (kind, def.is_null(), key.contains(&name)))
    });
    (E::default().as_str().to_owned(), columns.collect())
}

/// How a column of this type is declared; see `migration::dialect`.
fn type_on(backend: DbBackend, of: &ColumnType) -> String {
    let postgres = backend == DbBackend::Postgres;
    match of {
        ColumnType::Uuid => if postgres { "uuid" } else { "blob" }.into(),
        ColumnType::VarBinary(_) | ColumnType::Blob => if postgres { "bytea" } else { "blob" }.into(),
        ColumnType::String(_) | ColumnType::Text => "text".into(),
        ColumnType::BigInteger => "bigint".into(),
        ColumnType::Integer => "integer".into(),
        ColumnType::Boolean => "boolean".into(),
        other => format!("{other:?}, which no table of ours has"),
    }
}

const COLUMNS_ON_SQLITE: &str = r#"SELECT name, lower(type), "notnull" = 0, pk > 0 FROM pragma_table_xinfo('?')"#;

const COLUMNS_ON_POSTGRES: &str = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
    FROM pg_attribute a WHERE a.attrelid = to_regclass('?') AND a.attnum > 0 AND NOT a.attisdropped";

const THINGS_ON_SQLITE: &str = "SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'";

const THINGS_ON_POSTGRES: &str = "
    SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
    UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = current_schema()::regnamespace
    UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'policy ' || polname FROM pg_policy
    UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', current_schema())";

/// The database as its owner meets it.
pub(super) fn login(database: &Database) -> DatabaseConnection {
    match &database.0 {
        database::Pool::Sqlite { pool, .. } => pool.clone().into(),
        database::Pool::Postgres(postgres) => postgres.login().clone().into(),
    }
}

async fn ask(database: &Database, on_sqlite: &str, on_postgres: &str) -> Vec<sea_orm::QueryResult> {
    let sql = if database.backend() == DbBackend::Postgres { on_postgres } else { on_sqlite };
    login(database).query_all_raw(Statement::from_string(database.backend(), sql)).await.unwrap()
}

async fn columns_in(database: &Database, table: &str) -> Columns {
    let (on_sqlite, on_postgres) = (COLUMNS_ON_SQLITE.replace('?', table), COLUMNS_ON_POSTGRES.replace('?', table));
    let rows = ask(database, &on_sqlite, &on_postgres).await;
    let column = |row: &sea_orm::QueryResult| {
        let text = |at| row.try_get_by_index::<String>(at).unwrap();
        let truth = |at| row.try_get_by_index::<bool>(at).unwrap();
        (text(0), (text(1), truth(2), truth(3)))
    };
    rows.iter().map(column).collect()
}

/// All that stands in the database, but for what the migrations keep for themselves.
async fn things_in(database: &Database) -> BTreeSet<String> {
    let rows = ask(database, THINGS_ON_SQLITE, THINGS_ON_POSTGRES).await;
    let names = rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap());
    names.filter(|name| !name.contains("seaql_migrations")).collect()
}

/// The tables named by the entities' files.
fn tables_in(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let tables = files.flat_map(|path| {
        if path.is_dir() {
            return tables_in(&path);
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let entities = source.split("DeriveEntityModel)]").skip(1);
        let named = |entity: &str| entity.trim_start().strip_prefix("#[sea_orm(table_name = \"")?.split('"').next().map(str::to_owned);
        entities.map(|entity| named(entity).unwrap_or_else(|| panic!("an entity of {} names no table", path.display()))).collect()
    });
    tables.collect()
}

#[tokio::test]
async fn the_steps_make_what_the_entities_say_and_their_way_back_leaves_nothing() {
    let (url, _place) = bare_database().await;
    let database = Database::connect(&DatabaseOptions { url, max_connections: 2, durable: false }).await.unwrap();
    assert_eq!(things_in(&database).await, BTreeSet::new(), "it begins empty");

    database.migrate().await.unwrap();
    let made = things_in(&database).await;
    for (table, columns) in entities_on(database.backend()) {
        assert_eq!(columns_in(&database, &table).await, columns, "{table}: what is there, and what the entity says");
    }

    Migrator::down(&login(&database), None).await.unwrap();
    assert_eq!(things_in(&database).await, BTreeSet::new(), "all is taken back");
    database.migrate().await.unwrap();
    assert_eq!(things_in(&database).await, made, "and made again");
    database.close().await;
}

/// The step that gives organisations of before what those of later have from their birth.
#[tokio::test]
async fn an_organisation_of_before_gets_the_roles_it_lacks_once() {
    use crate::identity::ShippedRole;
    let (url, _place) = bare_database().await;
    let database = Database::connect(&DatabaseOptions { url, max_connections: 2, durable: false }).await.unwrap();
    let before = Migrator::migrations().iter().position(|step| step.name().ends_with("identity_shipped_roles")).unwrap();
    Migrator::up(&login(&database), Some(u32::try_from(before).unwrap())).await.unwrap();
    let one = if database.backend() == DbBackend::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let sql = format!(
        "INSERT INTO organizations (id, version, name, currency, locale, time_zone, negative_stock_policy, created_at, updated_at)
           SELECT {one}, 1, x.name, 'XOF', x.locale, 'Africa/Dakar', 'WARN', 7, 7
           FROM (SELECT 'Chez Awa' AS name, 'fr' AS locale UNION ALL SELECT 'At Modou''s', 'en-GB') x;
         INSERT INTO roles (tenant_id, id, key, name, created_at)
           SELECT o.id, {one}, x.key, x.key, 7 FROM organizations o
           CROSS JOIN (SELECT 'owner' AS key UNION ALL SELECT 'administrator' UNION ALL SELECT 'manager' UNION ALL SELECT 'employee'
             UNION ALL SELECT 'auditor' UNION ALL SELECT 'client') x"
    );
    for statement in sql.split(';') {
        login(&database).execute_unprepared(statement).await.unwrap();
    }
    database.migrate().await.unwrap();
    let found = "SELECT o.name || ' ' || r.key || ' ' || r.name FROM roles r JOIN organizations o ON o.id = r.tenant_id";
    let found = ask(&database, found, found).await;
    let found: Vec<String> = found.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(found.len(), 2 * ShippedRole::ALL.len());
    for shipped in ShippedRole::ALL {
        let named = |shop: &str| found.iter().filter(|role| role.starts_with(&format!("{shop} {} ", shipped.key()))).count();
        assert_eq!((named("Chez Awa"), named("At Modou's")), (1, 1), "{shipped:?}");
    }
    let said = |name: String| assert!(found.contains(&name), "{name}: {found:?}");
    said(format!("Chez Awa accountant {}", ShippedRole::Accountant.name(crate::locale::Locale::Fr)));
    said(format!("At Modou's accountant {}", ShippedRole::Accountant.name(crate::locale::Locale::En)));
    database.close().await;
}

/// The step that lets clients ask people writes their tables anew on one of the databases.
#[tokio::test]
async fn clients_of_before_and_what_they_were_given_stay_there_and_back() {
    let (url, _place) = bare_database().await;
    let database = Database::connect(&DatabaseOptions { url, max_connections: 2, durable: false }).await.unwrap();
    let before = Migrator::migrations().iter().position(|step| step.name().ends_with("identity_oauth_consents")).unwrap();
    Migrator::up(&login(&database), Some(u32::try_from(before).unwrap())).await.unwrap();
    let (one, bytes) = match database.backend() {
        DbBackend::Postgres => ("gen_random_uuid()", "'\\x07'::bytea"),
        _ => ("randomblob(16)", "x'07'"),
    };
    let sql = format!(
        "INSERT INTO organizations (id, version, name, currency, locale, time_zone, negative_stock_policy, created_at, updated_at)
           VALUES ({one}, 1, 'Chez Awa', 'XOF', 'fr', 'Africa/Dakar', 'WARN', 7, 7);
         INSERT INTO users (id, version, email, display_name, locale, time_zone, created_at, updated_at)
           VALUES ({one}, 1, 'awa@teranga.example', 'Awa', 'fr', 'Africa/Dakar', 7, 7);
         INSERT INTO memberships (tenant_id, id, user_id, status, created_at, updated_at)
           SELECT o.id, {one}, u.id, 'ACTIVE', 7, 7 FROM organizations o CROSS JOIN users u;
         INSERT INTO oauth_clients (tenant_id, id, name, membership_id, secret_hash, scopes, created_by, version, created_at, updated_at)
           SELECT m.tenant_id, {one}, 'Portail', m.id, {bytes}, 'a', m.id, 3, 7, 8 FROM memberships m;
         INSERT INTO oauth_grants (tenant_id, id, client_id, membership_id, scopes, created_at, expires_at)
           SELECT c.tenant_id, {one}, c.id, c.membership_id, 'a', 7, 9 FROM oauth_clients c"
    );
    for statement in sql.split(';') {
        login(&database).execute_unprepared(statement).await.unwrap();
    }
    let kept = "SELECT c.name || ' ' || c.version || ' ' || q.scopes || ' ' || q.expires_at FROM oauth_clients c
        JOIN oauth_grants q ON q.tenant_id = c.tenant_id AND q.client_id = c.id AND q.membership_id = c.membership_id";
    let kept = async || ask(&database, kept, kept).await.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>();
    for _ in 0..2 {
        database.migrate().await.unwrap();
        assert_eq!(kept().await, ["Portail 3 a 9"]);
        let steps = Migrator::migrations().len() - before;
        Migrator::down(&login(&database), Some(u32::try_from(steps).unwrap())).await.unwrap();
        assert_eq!(kept().await, ["Portail 3 a 9"], "and back");
    }
    database.close().await;
}

/// The steps that make rights of what another right brought along.
#[tokio::test]
async fn own_roles_of_before_still_see_movements_and_costs() {
    let (url, _place) = bare_database().await;
    let database = Database::connect(&DatabaseOptions { url, max_connections: 2, durable: false }).await.unwrap();
    let before = Migrator::migrations().iter().position(|step| step.name().ends_with("identity_movement_right")).unwrap();
    Migrator::up(&login(&database), Some(u32::try_from(before).unwrap())).await.unwrap();
    let one = if database.backend() == DbBackend::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let sql = format!(
        "INSERT INTO organizations (id, version, name, currency, locale, time_zone, negative_stock_policy, created_at, updated_at)
           VALUES ({one}, 1, 'Chez Awa', 'XOF', 'fr', 'Africa/Dakar', 'WARN', 7, 7);
         INSERT INTO roles (tenant_id, id, name, created_at)
           SELECT o.id, {one}, x.name, 7 FROM organizations o
           CROSS JOIN (SELECT 'stock' AS name UNION ALL SELECT 'product' UNION ALL SELECT 'member') x;
         INSERT INTO role_grants (tenant_id, id, role_id, permission, reach)
           SELECT r.tenant_id, {one}, r.id, CASE r.name WHEN 'member' THEN 'identity.member.read' ELSE 'inventory.' || r.name || '.read' END, 'ORG'
           FROM roles r"
    );
    for statement in sql.split(';') {
        login(&database).execute_unprepared(statement).await.unwrap();
    }
    database.migrate().await.unwrap();
    let found = "SELECT r.name || ' ' || g.permission FROM roles r JOIN role_grants g ON g.role_id = r.id ORDER BY 1";
    let found = ask(&database, found, found).await;
    let found: Vec<String> = found.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    let (cost, movements) = ("inventory.cost.read", "inventory.stock_movement.read");
    let all = [
        "member identity.member.read".to_owned(),
        format!("product {cost}"),
        "product inventory.product.read".to_owned(),
        format!("stock {cost}"),
        "stock inventory.stock.read".to_owned(),
        format!("stock {movements}"),
    ];
    assert_eq!(BTreeSet::from_iter(found), BTreeSet::from(all));
    database.close().await;
}

#[test]
fn every_entity_is_compared_with_its_table() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../entities/src");
    let compared: BTreeSet<String> = entities_on(DbBackend::Sqlite).into_keys().collect();
    assert_eq!(tables_in(&sources), compared);
}

/// A cluster sorts by the rules of its own language, unless the column says otherwise.
#[tokio::test]
async fn what_lists_are_sorted_by_is_compared_by_its_bytes() {
    let (url, _place) = bare_database().await;
    let database = Database::connect(&DatabaseOptions { url, max_connections: 2, durable: false }).await.unwrap();
    if database.backend() == DbBackend::Postgres {
        database.migrate().await.unwrap();
        let by_bytes = "SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attcollation = to_regcollation('\"C\"')";
        let found = ask(&database, "", by_bytes).await;
        let found: BTreeSet<String> = found.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        let sorted = [
            "categories.name_key",
            "products.name_key",
            "products.sku",
            "suppliers.name_key",
            "teams.name_key",
            "units.code",
            "warehouses.name_key",
        ];
        assert_eq!(found, sorted.map(str::to_owned).into());
    }
    database.close().await;
}
