/// A piece of a statement that the guard looks at.
pub(super) enum Token {
    /// An identifier or keyword, lower case, without quotes.
    Word(String),
    Parameter(usize),
    Sign(char),
}

impl Token {
    pub fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }
}

/// The pieces of a statement; numbers, texts and comments are none.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
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

/// What is listed where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// Tables: after FROM, JOIN, USING or UPDATE.
    Tables,
    /// Assignments: after SET.
    Set,
    Other,
}

/// The clause each token stands in; a keyword stands in the one it begins.
pub(super) fn clauses(tokens: &[Token]) -> Vec<Clause> {
    let (mut now, mut around, mut all) = (Clause::Other, Vec::new(), Vec::with_capacity(tokens.len()));
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        match token {
            Token::Sign('(') => {
                around.push(now);
                let group = match before {
                    Some(Token::Word(word)) => matches!(word.as_str(), "from" | "join"),
                    Some(Token::Sign(sign)) => matches!(sign, ',' | '('),
                    _ => false,
                };
                now = if group && now == Clause::Tables { Clause::Tables } else { Clause::Other };
            }
            Token::Sign(')') => now = around.pop().unwrap_or(Clause::Other),
            Token::Word(word) => now = begun_by(word, before).unwrap_or(now),
            _ => {}
        }
        all.push(now);
    }
    all
}

fn begun_by(word: &str, before: Option<&Token>) -> Option<Clause> {
    match word {
        // IS DISTINCT FROM compares.
        "from" if before.and_then(Token::word) == Some("distinct") => None,
        "from" | "join" | "using" | "update" => Some(Clause::Tables),
        "set" => Some(Clause::Set),
        "where" | "group" | "order" | "having" | "limit" | "offset" | "returning" | "select" | "values" | "union" | "except"
        | "intersect" | "window" | "for" => Some(Clause::Other),
        _ => None,
    }
}
