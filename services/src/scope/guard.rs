//! Reads each statement before it is sent: a table of an organisation may only be touched together with the bound tenant.
//!
//! Rule: every tenant table after FROM, JOIN, UPDATE, USING or INTO has an alias (or its own name) tied to the tenant by
//! `alias.tenant_id = $n`, where `$n` is bound to the scope's tenant, or by an equality with an alias so tied. An INSERT
//! names `tenant_id` among its columns. What is read is remembered by the statement's text, so a repeat costs a look-up.
//! It catches forgetting, not cunning.

use super::tables;
use entities::TenantId;
use sea_orm::{Statement, Value};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

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
    let uses = table_uses(&tokens)?;
    if uses.is_empty() {
        return Ok(Vec::new());
    }
    let ties = ties(&tokens, &uses);
    let mut tied: HashMap<&str, ()> = HashMap::new();
    let mut bound = Vec::new();
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

fn table_uses(tokens: &[Token]) -> Result<Vec<Use>, String> {
    let mut uses = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let Some(keyword) = at.checked_sub(1).and_then(|before| tokens[before].word()) else { continue };
        if !matches!(keyword, "from" | "join" | "update" | "using" | "into") || !tables::is_tenant_table(word) {
            continue;
        }
        // `FOR UPDATE` and `DO UPDATE` name no table; they are followed by other words.
        let insert = keyword == "into";
        if insert && !column_list_names_tenant(&tokens[at + 1..]) {
            return Err(format!("INSERT INTO {word} without tenant_id"));
        }
        uses.push(Use { table: word.clone(), alias: alias_after(&tokens[at + 1..]).unwrap_or(word).to_owned(), insert });
    }
    Ok(uses)
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

enum Token {
    /// An identifier or keyword, lower case, without quotes.
    Word(String),
    Parameter(usize),
    Sign(char),
}

impl Token {
    fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql.char_indices().peekable();
    let mut unnumbered = 0;
    while let Some((at, c)) = rest.next() {
        match c {
            '\'' => while rest.next().is_some_and(|(_, c)| c != '\'') {},
            '-' if rest.peek().is_some_and(|(_, c)| *c == '-') => while rest.next().is_some_and(|(_, c)| c != '\n') {},
            '"' | '`' => {
                let name: String = std::iter::from_fn(|| rest.next().map(|(_, c)| c).filter(|n| *n != c)).collect();
                tokens.push(Token::Word(name.to_lowercase()));
            }
            '$' | '?' => {
                let mut digits = String::new();
                while let Some((_, d)) = rest.next_if(|(_, c)| c.is_ascii_digit()) {
                    digits.push(d);
                }
                unnumbered += 1;
                tokens.push(Token::Parameter(digits.parse::<usize>().unwrap_or(unnumbered).saturating_sub(1)));
            }
            c if c.is_alphabetic() || c == '_' => {
                let mut end = at + c.len_utf8();
                while let Some((i, c)) = rest.next_if(|(_, c)| c.is_alphanumeric() || *c == '_') {
                    end = i + c.len_utf8();
                }
                tokens.push(Token::Word(sql[at..end].to_lowercase()));
            }
            c if c.is_whitespace() || c.is_ascii_digit() => {}
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
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
            ("INSERT INTO products (id) VALUES ($1)", tenant),
        ];
        for (sql, value) in refused {
            assert!(check(&statement(sql, vec![value]), mine).is_err(), "{sql}");
        }
    }
}
