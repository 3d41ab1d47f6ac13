//! A shop to look around in: a real shop's sales (see `docs/demo/ATTRIBUTION.md`), imported as anybody would.
//!
//! Its dates are moved by whole days so that its last sale is yesterday's, counted from when the demo was first loaded;
//! loading again therefore finds everything there. At the end its alerts are evaluated, so that the first look finds some.

use crate::alerts::evaluate::{self, Extent};
use crate::alerts::read::count_open;
use crate::data_imports::{self, ColumnMapping, Field, Rule, RunImport, StartImport};
use crate::identity::{SignUp, organizations, sign_up};
use crate::locale::Locale;
use crate::work::Running;
use crate::{App, Doorway, Error, Reads, Result, Scope, SystemScope};
use chrono::{NaiveDate, TimeDelta};
use entities::data_imports::data_import::{self, DataImportKind, DataImportState};
use entities::identity::user;
use entities::inventory::stock_movement::StockMovementKind;
use entities::{TenantId, Timestamp};
use sea_orm::ColumnTrait;

const PRODUCTS: &str = include_str!("../../docs/demo/online_retail_products.csv");
const OPENING_STOCK: &str = include_str!("../../docs/demo/online_retail_opening_stock.csv");
const SALES: &str = include_str!("../../docs/demo/online_retail_excerpt.csv");

pub const EMAIL: &str = "demo@teranga.example";

/// What was loaded, and how to sign in.
#[derive(Debug)]
pub struct Demo {
    pub email: &'static str,
    /// Only when the account was opened just now: it is not kept anywhere.
    pub password: Option<String>,
    pub products: i64,
    pub movements: i64,
    pub open_alerts: i64,
}

/// Opens the demo's account and organisation, imports its shop and evaluates its alerts; again, it finishes what is missing
/// and else changes nothing.
pub async fn load(app: &App) -> Result<Demo> {
    let (tenant, password) = account(app).await?;
    let scope = || Scope::system(app, tenant, Locale::Fr);
    let days = moved_by(organizations::get(&scope()).await?.created_at)?;
    let all = [
        StartImport { kind: DataImportKind::Products, ..of(PRODUCTS.to_owned()) },
        of(moved(OPENING_STOCK, 3, days)?),
        StartImport { columns: Some(columns()), rules: rules(), ..of(moved(SALES, 4, days)?) },
    ];
    let (mut products, mut movements) = (0, 0);
    // Each is whole or begun again: the first that is missing, and those after it.
    for input in all.into_iter().skip(completed(&scope()).await?) {
        let done = import(&scope(), input).await?;
        *(if done.kind == DataImportKind::Products { &mut products } else { &mut movements }) += done.rows_applied;
    }
    evaluate::run(&SystemScope::new(app), Extent { tenant: Some(tenant), full: false }).await?;
    Ok(Demo { email: EMAIL, password, products, movements, open_alerts: count_open(&scope()).await? })
}

/// How many of the demo's imports have been made.
async fn completed(scope: &Scope) -> Result<usize> {
    let done = scope.select::<data_import::Entity>().filter(data_import::Column::State.eq(DataImportState::Completed)).count().await?;
    scope.end_read().await;
    usize::try_from(done).map_err(Error::internal)
}

/// The demo's organisation, opened with a new password when it is not there.
async fn account(app: &App) -> Result<(TenantId, Option<String>)> {
    let doorway = Doorway::new(app, Locale::Fr);
    let known = doorway.read().await?.one::<user::Entity>(user::Column::Email.eq(EMAIL)).await?;
    if let Some(user) = known {
        let tenant = user.last_tenant_id.ok_or_else(|| Error::internal("the demo's account has no organisation"))?;
        return Ok((tenant, None));
    }
    let password = hex::encode(app.random().bytes::<8>());
    let input = SignUp {
        email: EMAIL.to_owned(),
        password: password.clone(),
        display_name: "Démo".to_owned(),
        organization_name: Some("Boutique de démonstration".to_owned()),
        time_zone: Some("Europe/London".to_owned()),
        currency: Some("GBP".to_owned()),
        ..SignUp::default()
    };
    let organization = sign_up(&doorway, input).await?.organization;
    let organization = organization.ok_or_else(|| Error::internal("the demo's organisation was not opened"))?;
    Ok((organization.id, Some(password)))
}

async fn import(scope: &Scope, input: StartImport) -> Result<data_import::Model> {
    let started = data_imports::start(scope, input).await?;
    let job = Running::detached(scope.tenant());
    // A worker that runs already may take it as well; one of us gives way.
    for _ in 0..100 {
        match data_imports::run(scope, &job, RunImport { import: started.id }).await {
            Ok(()) | Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
        let import = data_imports::find(scope, started.id).await?.ok_or(Error::NotFound)?;
        scope.end_read().await;
        match import.state {
            DataImportState::Completed => return Ok(import),
            DataImportState::Failed | DataImportState::Cancelled => return Err(Error::internal("the demo's import did not complete")),
            DataImportState::Queued | DataImportState::Running => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
        }
    }
    Err(Error::Conflict)
}

fn of(content: String) -> StartImport {
    StartImport { content: Some(content), ..StartImport::of(DataImportKind::StockMovements) }
}

fn columns() -> Vec<ColumnMapping> {
    let all =
        [("stock_code", Field::Sku), ("quantity", Field::Quantity), ("invoice_date", Field::OccurredAt), ("invoice", Field::Reference)];
    all.map(|(column, field)| ColumnMapping { column: column.to_owned(), field }).to_vec()
}

fn rules() -> Vec<Rule> {
    let of = |column: &str| Rule { column: column.to_owned(), ..Rule::default() };
    let charges = ["POST", "BANK CHARGES"].map(str::to_owned).to_vec();
    vec![
        Rule { one_of: Some(charges), skip: true, reason: Some("Frais, pas une marchandise".to_owned()), ..of("stock_code") },
        Rule { starts_with: Some("C".to_owned()), kind: Some(StockMovementKind::CustomerReturn), ..of("invoice") },
        Rule { less_than: Some("0".to_owned()), kind: Some(StockMovementKind::WriteOff), ..of("quantity") },
        Rule { kind: Some(StockMovementKind::Sale), ..of("invoice") },
    ]
}

/// By how many days the dates are moved.
fn moved_by(loaded_at: Timestamp) -> Result<TimeDelta> {
    let last = SALES.lines().filter_map(|line| date_in(line, 4)).max();
    let last = last.ok_or_else(|| Error::internal("the demo has no dates"))?;
    Ok(loaded_at.to_utc().date_naive() - TimeDelta::days(1) - last)
}

/// The date in one cell of a line.
fn date_in(line: &str, place: usize) -> Option<NaiveDate> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let record = reader.records().next()?.ok()?;
    record.get(place)?.get(..10)?.parse().ok()
}

/// The same table with the dates of one column moved.
fn moved(table: &str, place: usize, by: TimeDelta) -> Result<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in reader.records() {
        let record = record.map_err(Error::internal)?;
        let cells = record.iter().enumerate().map(|(at, cell)| match cell.get(..10).map(str::parse::<NaiveDate>) {
            Some(Ok(date)) if at == place => format!("{}{}", date + by, &cell[10..]),
            _ => cell.to_owned(),
        });
        writer.write_record(cells).map_err(Error::internal)?;
    }
    String::from_utf8(writer.into_inner().map_err(|e| Error::internal(e.to_string()))?).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{dashboard, products};
    use crate::page::PageArgs;
    use crate::testing::{START, empty_app};

    #[tokio::test]
    async fn the_demo_is_loaded_once_and_has_something_of_everything() {
        let (app, _place) = empty_app(START).await;
        let demo = load(&app).await.unwrap();
        assert_eq!(demo.products, 32);
        assert!(demo.password.is_some() && demo.movements > 1300 && demo.open_alerts > 0, "{demo:?}");
        app.clock().advance(TimeDelta::days(3));
        let again = load(&app).await.unwrap();
        assert_eq!((again.password, again.products, again.movements), (None, 0, 0));
        assert_eq!(again.open_alerts, demo.open_alerts);
        let scope = Scope::system(&app, account(&app).await.unwrap().0, Locale::Fr);
        assert_eq!(scope.select::<data_import::Entity>().count().await.unwrap(), 3, "it is not imported again");
        let shown = dashboard::get(&scope).await.unwrap();
        assert!(shown.stock_out_count > 0 && shown.low_stock_count > 0, "{shown:?}");
        let page = products::page(&scope, &Default::default(), &[], &PageArgs::default()).await.unwrap();
        assert!(page.items().all(|product| product.sale_price.is_some() && product.reorder_point.is_some()));
    }
}
