//! Reads what is asked for out of a body or a query string.
//!
//! Unknown members are ignored, the last of a repeated one wins, lists (batches) are refused.

use std::fmt;

use async_graphql::{Value, Variables};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::edge::errors::{Code, Fault};
use crate::edge::plan::Asked;

/// Reads a JSON body.
pub fn from_json(body: &[u8], depth: usize) -> Result<Asked, Fault> {
    check_depth(body, depth)?;
    match serde_json::from_slice::<Body>(body) {
        Ok(Body::Object(members)) => members.asked(),
        Ok(Body::Batch) => Err(Fault::input("Batches are off: send one operation a request.")),
        Ok(Body::Other) => Err(Fault::input("The body must be a JSON object.")),
        Err(_) => Err(Fault::new(Code::ParseFailed, "The body is not JSON.")),
    }
}

/// Reads the pairs of a query string.
pub fn from_query(pairs: Vec<(String, String)>, depth: usize) -> Result<Asked, Fault> {
    let mut members = Members::default();
    for (name, value) in pairs {
        let text = Value::String(value);
        match name.as_str() {
            "query" => members.query = text,
            "documentId" => members.document_id = text,
            "operationName" => members.operation_name = text,
            "variables" => members.variables = json(&text, depth)?,
            "extensions" => members.extensions = json(&text, depth)?,
            _ => {}
        }
    }
    members.asked()
}

fn json(text: &Value, depth: usize) -> Result<Value, Fault> {
    let Value::String(text) = text else {
        return Ok(Value::Null);
    };
    if text.is_empty() {
        return Ok(Value::Null);
    }
    check_depth(text.as_bytes(), depth)?;
    serde_json::from_str(text).map_err(|_| Fault::new(Code::ParseFailed, "`variables` and `extensions` must be JSON."))
}

/// Counts brackets outside strings, before anything recursive looks at them.
pub fn check_depth(json: &[u8], limit: usize) -> Result<(), Fault> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for &byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return Err(Fault::complex(format!("The JSON is nested over {limit} deep.")));
        }
    }
    Ok(())
}

/// The members we know, as sent.
#[derive(Default)]
pub struct Members {
    query: Value,
    document_id: Value,
    operation_name: Value,
    variables: Value,
    extensions: Value,
}

impl Members {
    /// Checks the shape of each member.
    pub fn asked(self) -> Result<Asked, Fault> {
        if !matches!(self.extensions, Value::Null | Value::Object(_)) {
            return Err(Fault::input("`extensions` must be an object."));
        }
        Ok(Asked {
            query: text(self.query, "query")?,
            document_id: text(self.document_id, "documentId")?,
            operation_name: text(self.operation_name, "operationName")?,
            variables: match self.variables {
                Value::Null => Variables::default(),
                Value::Object(_) => Variables::from_value(self.variables),
                _ => return Err(Fault::input("`variables` must be an object.")),
            },
        })
    }
}

fn text(value: Value, name: &'static str) -> Result<Option<String>, Fault> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(Fault::input(format!("`{name}` must be a string."))),
    }
}

enum Body {
    Object(Box<Members>),
    Batch,
    Other,
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BodyVisitor)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Body::deserialize(deserializer)? {
            Body::Object(members) => Ok(*members),
            Body::Batch | Body::Other => Err(serde::de::Error::custom("an object is expected")),
        }
    }
}

struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = Body;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "query" => members.query = map.next_value()?,
                "documentId" => members.document_id = map.next_value()?,
                "operationName" => members.operation_name = map.next_value()?,
                "variables" => members.variables = map.next_value()?,
                "extensions" => members.extensions = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Body::Object(Box::new(members)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Body, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Body::Batch)
    }

    fn visit_unit<E>(self) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Body, E> {
        Ok(Body::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> Code {
        from_json(body.as_bytes(), 64).unwrap_err().code
    }

    #[test]
    fn ignores_what_it_does_not_know_and_takes_the_last_of_a_pair() {
        let asked = from_json(br#"{"query":"a","x":[{}],"query":"b","variables":{"v":1}}"#, 64).unwrap();
        assert_eq!((asked.query.as_deref(), asked.variables.len()), (Some("b"), 1));
    }

    #[test]
    fn tells_bad_json_from_bad_shapes() {
        assert_eq!(code("{"), Code::ParseFailed);
        assert_eq!(code(r#"{"query":"a"} x"#), Code::ParseFailed);
        for body in ["[]", "[{}]", "1", "\"a\"", "null", r#"{"query":1}"#, r#"{"query":"a","variables":[]}"#] {
            assert_eq!(code(body), Code::BadUserInput, "{body}");
        }
    }

    #[test]
    fn refuses_json_one_level_too_deep() {
        let nested = |levels: usize| format!(r#"{{"query":"a","variables":{{"v":{}{}}}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(from_json(nested(62).as_bytes(), 64).is_ok());
        assert_eq!(code(&nested(63)), Code::TooComplex);
        assert!(from_json(format!(r#"{{"query":"{}"}}"#, "[".repeat(500)).as_bytes(), 64).is_ok());
    }
}
