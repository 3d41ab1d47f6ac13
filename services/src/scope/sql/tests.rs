use super::Column;
use super::render::{keeps_plan, render};
use sea_orm::DbBackend;

#[test]
fn renders_one_text_for_two_databases() {
    let text = "SELECT a::text, :now -- the time\nFROM t\nWHERE id :in(ids) AND b = :now\nFOR UPDATE -- postgres\n";
    let postgres = render(text, DbBackend::Postgres);
    assert_eq!(postgres.text, "SELECT a::text, $1 \nFROM t\nWHERE id = ANY($2::uuid[]) AND b = $1\nFOR UPDATE ");
    let sqlite = render(text, DbBackend::Sqlite);
    assert_eq!(sqlite.text, "SELECT a::text, ?1 \nFROM t\nWHERE id IN (SELECT unhex(value) FROM json_each(?2)) AND b = ?1");
}

#[test]
fn a_statement_says_that_it_is_planned_anew() {
    let text = "-- planned anew: who knows\nSELECT 1";
    let [postgres, sqlite] = [DbBackend::Postgres, DbBackend::Sqlite].map(|backend| render(text, backend).text);
    assert_eq!((postgres.as_str(), sqlite.as_str()), ("/**/ SELECT 1", "SELECT 1"));
    assert_eq!([postgres, sqlite].map(|text| keeps_plan(&text)), [false, true]);
}

#[test]
fn writes_columns_as_arrays_with_nulls_and_quotes() {
    let texts = Column::maybe_texts([Some("a\"b"), None, Some("c\\d,{}"), Some("NULL")]);
    assert_eq!(texts.array_literal(), r#"{"a\"b",NULL,"c\\d,{}","NULL"}"#);
    assert_eq!(Column::maybe_ints([Some(-1), None]).array_literal(), "{-1,NULL}");
    assert_eq!(Column::Bytes(vec![Some(vec![1, 255])]).array_literal(), r#"{"\\x01ff"}"#);
}

#[test]
fn renders_batches_of_rows() {
    let text = "INSERT INTO t SELECT :tenant, r.id FROM :rows(r: id uuid, n bigint)";
    assert_eq!(render(text, DbBackend::Postgres).text, "INSERT INTO t SELECT $1, r.id FROM unnest($2::uuid[], $3::bigint[]) AS r(id, n)");
    assert_eq!(
        render(text, DbBackend::Sqlite).text,
        "INSERT INTO t SELECT ?1, r.id FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS n FROM json_each(?2)) AS r"
    );
}
