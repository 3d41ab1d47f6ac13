//! What no service does to the database.

use crate::App;

/// Changes the database past the scopes, as no service could.
pub async fn change_database(app: &App, sql: &str) {
    app.database().change(sql).await.expect("the test's own statement");
}

/// For [`change_database`]: deleting this row of the table fails from now on.
pub fn refuse_to_delete(app: &App, table: &str, id: uuid::Uuid) -> String {
    if app.database().sqlite_path().is_some() {
        return format!(
            "CREATE TRIGGER refuse_to_delete BEFORE DELETE ON {table} WHEN OLD.id = x'{}' BEGIN SELECT RAISE(ABORT, 'no'); END",
            id.simple()
        );
    }
    format!(
        "CREATE FUNCTION refuse_to_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
         CREATE TRIGGER refuse_to_delete BEFORE DELETE ON {table} FOR EACH ROW WHEN (OLD.id = '{id}') EXECUTE FUNCTION refuse_to_delete()"
    )
}

/// For [`change_database`]: what [`refuse_to_delete`] did is undone.
pub fn delete_again(app: &App, table: &str) -> String {
    if app.database().sqlite_path().is_some() {
        "DROP TRIGGER refuse_to_delete".into()
    } else {
        format!("DROP TRIGGER refuse_to_delete ON {table}")
    }
}
