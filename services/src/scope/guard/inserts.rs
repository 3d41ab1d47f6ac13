//! What an INSERT writes into `tenant_id`.

use super::super::tables;
use super::tokens::Token;

/// The parameters that are written as the tenant of a row of an organisation; anything else but a read row's tenant is refused.
pub(super) fn tenants(tokens: &[Token]) -> Result<Vec<usize>, String> {
    let mut found = Vec::new();
    for at in 1..tokens.len() {
        let Some(table) = tokens[at].word().filter(|_| tokens[at - 1].word() == Some("into")) else { continue };
        if !tables::is_tenant_table(table) {
            continue;
        }
        let refuse = || format!("INSERT INTO {table} writes a tenant_id that is not known to be the scope's");
        let (columns, rest) = group(&tokens[at + 1..]).ok_or_else(refuse)?;
        let place = columns.iter().position(|column| matches!(column, [name] if name.word() == Some("tenant_id"))).ok_or_else(refuse)?;
        let rows = rows(rest);
        if rows.is_empty() {
            return Err(refuse());
        }
        for row in rows {
            found.extend(tenant(row.get(place).copied().ok_or_else(refuse)?).ok_or_else(refuse)?);
        }
    }
    Ok(found)
}

/// The parameter of a value, none for the tenant of a row that is read; nothing for any other value.
fn tenant(value: &[Token]) -> Option<Option<usize>> {
    match value {
        [Token::Parameter(n), ..] => Some(Some(*n)),
        [cast, Token::Sign('('), Token::Parameter(n), ..] if cast.word() == Some("cast") => Some(Some(*n)),
        [name, ..] if name.word() == Some("tenant_id") => Some(None),
        [_, Token::Sign('.'), name, ..] if name.word() == Some("tenant_id") => Some(None),
        _ => None,
    }
}

/// The rows after an INSERT's columns: each tuple of VALUES, or what each SELECT yields.
fn rows(tokens: &[Token]) -> Vec<Vec<&[Token]>> {
    let (mut rows, mut at, mut depth, mut values) = (Vec::new(), 0, 0_usize, false);
    while at < tokens.len() {
        match &tokens[at] {
            Token::Sign('(') if values && depth == 0 => {
                let Some((row, rest)) = group(&tokens[at..]) else { break };
                rows.push(row);
                at = tokens.len() - rest.len();
                continue;
            }
            Token::Sign('(') => depth += 1,
            Token::Sign(')') if depth == 0 => break,
            Token::Sign(')') => depth -= 1,
            Token::Word(word) if depth == 0 => match word.as_str() {
                "values" => values = true,
                "select" => rows.push(listed(&tokens[at + 1..])),
                "on" | "returning" if rows.iter().any(|row: &Vec<&[Token]>| !row.is_empty()) && values => break,
                _ => {}
            },
            _ => {}
        }
        at += 1;
    }
    rows
}

/// What stands in the parenthesis that opens here, at its commas, and what follows it.
fn group(tokens: &[Token]) -> Option<(Vec<&[Token]>, &[Token])> {
    if !matches!(tokens.first(), Some(Token::Sign('('))) {
        return None;
    }
    let inside = listed(&tokens[1..]);
    let length: usize = inside.iter().map(|part| part.len() + 1).sum();
    Some((inside, tokens.get(1 + length..)?))
}

/// The parts up to the end of the list: a closing parenthesis, or the next clause of a SELECT.
fn listed(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') if depth > 0 => depth -= 1,
            Token::Sign(',') if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            Token::Sign(')') => return ended(parts, &tokens[start..at]),
            Token::Word(word) if depth == 0 && matches!(word.as_str(), "from" | "where" | "union" | "on" | "returning") => {
                return ended(parts, &tokens[start..at]);
            }
            _ => {}
        }
    }
    ended(parts, &tokens[start..])
}

fn ended<'a>(mut parts: Vec<&'a [Token]>, last: &'a [Token]) -> Vec<&'a [Token]> {
    parts.push(last);
    parts
}
