//! Reads each statement before it is sent: a table of an organisation may only be touched together with the bound tenant.
//!
//! Rule: every tenant table after FROM, JOIN, UPDATE, USING or INTO, and after a comma among those, has an alias (or its
//! own name) tied to the tenant by `alias.tenant_id = $n`, where `$n` is bound to the scope's tenant, or by an equality
//! with an alias so tied. An INSERT names `tenant_id` among its columns and puts such a parameter there, or the
//! `tenant_id` of a row it reads; no UPDATE sets it. What is read is remembered by the statement's text, so a repeat
//! costs a look-up. It catches forgetting, not cunning.

mod inserts;
mod tokens;

use super::tables;
use entities::TenantId;
use sea_orm::{Statement, Value};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use tokens::{Clause, Token, clauses, tokens};

/// Which parameters must hold the tenant, or what is wrong.
type Plan = Result<Vec<usize>, String>;

static PLANS: RwLock<Option<HashMap<String, Arc<Plan>>>> = RwLock::new(None);
const MOST_PLANS: usize = 4096;

/// Refuses a statement that could reach another organisation's rows.
pub(super) fn check(statement: &Statement, tenant: TenantId) -> Result<(), String> {
    let plan = plan_of(&statement.sql);
    let bound = plan.as_ref().as_ref().map_err(Clone::clone)?;
    let values = statement.values.as_ref().map_or(&[][..], |values| &values.0);
    for &index in bound {
        if !matches!(values.get(index), Some(Value::Uuid(Some(id))) if *id == tenant.0) {
            return Err(format!("parameter {} is not the tenant in: {}", index + 1, statement.sql));
        }
    }
    Ok(())
}

fn plan_of(sql: &str) -> Arc<Plan> {
    if let Some(plan) = PLANS.read().unwrap_or_else(|e| e.into_inner()).as_ref().and_then(|plans| plans.get(sql)) {
        return plan.clone();
    }
    let plan = Arc::new(read(sql));
    let mut plans = PLANS.write().unwrap_or_else(|e| e.into_inner());
    let plans = plans.get_or_insert_default();
    if plans.len() >= MOST_PLANS {
        plans.clear();
    }
    plans.insert(sql.to_owned(), plan.clone());
    plan
}

/// Finds the tenant tables of a statement and what ties each to the tenant.
fn read(sql: &str) -> Plan {
    let tokens = tokens(sql);
    let clauses = clauses(&tokens);
    let uses = table_uses(&tokens, &clauses)?;
    if uses.is_empty() {
        return Ok(Vec::new());
    }
    if sets_tenant(&tokens, &clauses) {
        return Err(format!("a row is moved to a tenant in: {sql}"));
    }
    let ties = ties(&tokens, &uses);
    let mut tied: HashMap<&str, ()> = HashMap::new();
    let mut bound = inserts::tenants(&tokens).map_err(|what| format!("{what} in: {sql}"))?;
    for (alias, parameter) in &ties.to_parameter {
        tied.insert(alias, ());
        bound.push(*parameter);
    }
    // Equalities carry the tie from alias to alias until nothing new is tied.
    while let Some((a, b)) = ties.to_alias.iter().find(|(a, b)| tied.contains_key(a.as_str()) != tied.contains_key(b.as_str())) {
        tied.insert(a, ());
        tied.insert(b, ());
    }
    match uses.iter().find(|used| !used.insert && !tied.contains_key(used.alias.as_str())) {
        Some(loose) => Err(format!("{} ({}) is not tied to the tenant in: {sql}", loose.table, loose.alias)),
        None => Ok(bound),
    }
}

struct Use {
    table: String,
    alias: String,
    insert: bool,
}

fn table_uses(tokens: &[Token], clauses: &[Clause]) -> Result<Vec<Use>, String> {
    let mut uses = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        if !tables::is_tenant_table(word) || !names_table(tokens, clauses, at) {
            continue;
        }
        let insert = tokens[at - 1].word() == Some("into");
        if insert && !column_list_names_tenant(&tokens[at + 1..]) {
            return Err(format!("INSERT INTO {word} without tenant_id"));
        }
        uses.push(Use { table: word.clone(), alias: alias_after(&tokens[at + 1..]).unwrap_or(word).to_owned(), insert });
    }
    Ok(uses)
}

/// Whether a table's name stands where a table is named: after a keyword, a comma among tables, or a group's parenthesis.
fn names_table(tokens: &[Token], clauses: &[Clause], at: usize) -> bool {
    match at.checked_sub(1).map(|before| &tokens[before]) {
        // `FOR UPDATE` and `DO UPDATE` name no table; they are followed by other words.
        Some(Token::Word(keyword)) => matches!(keyword.as_str(), "from" | "join" | "update" | "using" | "into"),
        Some(Token::Sign(',' | '(')) => clauses[at] == Clause::Tables,
        _ => false,
    }
}

/// Whether `tenant_id` is among what an UPDATE sets, alone or in a list.
fn sets_tenant(tokens: &[Token], clauses: &[Clause]) -> bool {
    let starts = |at: usize| clauses[at] == Clause::Set && (tokens[at].word() == Some("set") || matches!(tokens[at], Token::Sign(',')));
    (1..tokens.len()).filter(|&at| tokens[at].word() == Some("tenant_id")).any(|at| {
        let listed = tokens[..at]
            .iter()
            .rposition(|token| matches!(token, Token::Sign('(')))
            .filter(|&open| tokens[open..at].iter().all(|token| !matches!(token, Token::Sign(')'))));
        starts(at - 1) || listed.is_some_and(|open| open > 0 && starts(open - 1))
    })
}

fn alias_after(rest: &[Token]) -> Option<&str> {
    let first = rest.first()?.word()?;
    let name = if first == "as" { rest.get(1)?.word()? } else { first };
    const NOT_AN_ALIAS: &[&str] = &[
        "where",
        "set",
        "on",
        "join",
        "left",
        "inner",
        "cross",
        "order",
        "group",
        "limit",
        "values",
        "select",
        "returning",
        "using",
        "default",
        "for",
        "union",
        "natural",
        "right",
        "having",
        "offset",
        "as",
        "with",
        "full",
        "window",
        "except",
    ];
    (!NOT_AN_ALIAS.contains(&name)).then_some(name)
}

fn column_list_names_tenant(rest: &[Token]) -> bool {
    let from_list = rest.iter().skip_while(|token| !matches!(token, Token::Sign('(')));
    from_list.take_while(|token| !matches!(token, Token::Sign(')'))).any(|token| token.word() == Some("tenant_id"))
}

struct Ties {
    to_parameter: Vec<(String, usize)>,
    to_alias: Vec<(String, String)>,
}

/// Every `x.tenant_id = $n` and `x.tenant_id = y.tenant_id`; a bare `tenant_id` counts where one table is named.
fn ties(tokens: &[Token], uses: &[Use]) -> Ties {
    let only = (uses.len() == 1).then(|| uses[0].alias.clone());
    let mut ties = Ties { to_parameter: Vec::new(), to_alias: Vec::new() };
    for at in (0..tokens.len()).filter(|&at| tokens[at].word() == Some("tenant_id")) {
        let dotted = at >= 2 && matches!(tokens[at - 1], Token::Sign('.'));
        let alias = if dotted { tokens[at - 2].word().map(str::to_owned) } else { only.clone() };
        let Some(alias) = alias else { continue };
        if !matches!(tokens.get(at + 1), Some(Token::Sign('='))) {
            continue;
        }
        match (&tokens.get(at + 2), tokens.get(at + 3), tokens.get(at + 4)) {
            (Some(Token::Parameter(n)), _, _) => ties.to_parameter.push((alias, *n)),
            (Some(Token::Word(other)), Some(Token::Sign('.')), Some(Token::Word(column))) if column == "tenant_id" => {
                ties.to_alias.push((alias, other.clone()));
            }
            _ => {}
        }
    }
    ties
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(sea_orm::DbBackend::Postgres, sql, values)
    }

    #[test]
    fn lets_through_only_what_is_tied_to_the_tenant() {
        let mine = TenantId(uuid::Uuid::from_u128(1));
        let (tenant, other) = (Value::from(mine.0), Value::from(uuid::Uuid::from_u128(2)));
        let allowed = [
            "SELECT p.id FROM products p WHERE p.tenant_id = $1",
            "SELECT \"products\".\"id\" FROM \"products\" WHERE \"products\".\"tenant_id\" = $1 FOR UPDATE",
            "SELECT 1 FROM products AS p JOIN categories c ON c.tenant_id = p.tenant_id AND c.id = p.category_id WHERE p.tenant_id = $1",
            "UPDATE stock_levels SET on_hand = 1 WHERE tenant_id = ?",
            "DELETE FROM products WHERE tenant_id = $1",
            "INSERT INTO products (tenant_id, id) VALUES ($1, $1)",
            "INSERT INTO streams (tenant_id, stream) VALUES ($1, 'from products p') ON CONFLICT (tenant_id) DO UPDATE SET seq = 1",
            "SELECT 1 -- FROM products p",
            "SELECT p.id, p.name FROM products p, categories c WHERE p.tenant_id = $1 AND c.tenant_id = p.tenant_id",
            "SELECT extract(day FROM p.at), units FROM products p WHERE p.tenant_id = $1 ORDER BY p.name, files",
            "SELECT 1 FROM products p WHERE p.tenant_id = $1 AND p.name IN (SELECT name FROM unnest($2) AS r(name, jobs))",
            "UPDATE products p SET name = 'x', version = p.version + 1 FROM categories c WHERE p.tenant_id = $1 AND c.tenant_id = p.tenant_id",
            "INSERT INTO products (id, tenant_id) SELECT r.id, CAST($1 AS uuid) FROM r",
            "INSERT INTO products (tenant_id, id) SELECT c.tenant_id, c.id FROM categories c WHERE c.tenant_id = $1",
            "INSERT INTO products (tenant_id, id) VALUES ($1, $1), ($1, coalesce($1, $1)) RETURNING tenant_id, id",
            "WITH made AS (INSERT INTO products (tenant_id, id) VALUES ($1, $1) RETURNING tenant_id, id) SELECT id FROM made",
        ];
        for sql in allowed {
            assert_eq!(check(&statement(sql, vec![tenant.clone()]), mine), Ok(()), "{sql}");
        }
        let refused = [
            ("SELECT p.id FROM products p WHERE p.tenant_id = $1", other),
            ("SELECT p.id FROM products p", tenant.clone()),
            ("SELECT p.id FROM products p WHERE p.tenant_id = p.id", tenant.clone()),
            ("SELECT 1 FROM products p JOIN categories c ON c.id = p.category_id WHERE p.tenant_id = $1", tenant.clone()),
            ("SELECT 1 FROM products p, LATERAL (SELECT 1 FROM categories c) x WHERE p.tenant_id = $1", tenant.clone()),
            ("UPDATE products SET name = 'x'", tenant.clone()),
            ("DELETE FROM products p WHERE p.id = $1", tenant.clone()),
            ("INSERT INTO products (id) VALUES ($1)", tenant.clone()),
            ("SELECT p.id FROM products p, categories c WHERE p.tenant_id = $1", tenant.clone()),
            ("SELECT 1 FROM (products p JOIN categories c ON c.id = p.category_id) WHERE p.tenant_id = $1", tenant.clone()),
            ("DELETE FROM products p USING r, categories c WHERE p.tenant_id = $1 AND c.id = p.category_id", tenant.clone()),
            ("UPDATE products SET tenant_id = $1", tenant.clone()),
            ("UPDATE products p SET name = 'x', tenant_id = $1 WHERE p.tenant_id = $1", tenant.clone()),
            ("UPDATE products p SET (name, tenant_id) = ('x', $1) WHERE p.tenant_id = $1", tenant.clone()),
            ("INSERT INTO products (tenant_id, id) VALUES ($1, $1), ($2, $1)", tenant.clone()),
            ("INSERT INTO products (id, tenant_id) SELECT $1, c.id FROM categories c WHERE c.tenant_id = $1", tenant.clone()),
            ("INSERT INTO products (tenant_id, id) SELECT $1, $1 UNION ALL SELECT r.id, r.id FROM r", tenant.clone()),
            ("INSERT INTO products (tenant_id, id) TABLE r", tenant),
        ];
        for (sql, value) in refused {
            assert!(check(&statement(sql, vec![value]), mine).is_err(), "{sql}");
        }
    }
}
