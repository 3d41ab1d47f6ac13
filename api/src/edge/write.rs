//! Writes an answer straight into its bytes: `errors`, then `data`, then `extensions`.
//!
//! Objects with slow fields come from async-graphql in the order of completion; the order of the
//! selection is restored here, on the way out, at the price of one comparison a field.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Value};
use async_graphql_value::RAW_VALUE_TOKEN;
use serde::de::IgnoredAny;

use super::errors::Shown;
use super::prepass::Order;

/// An answer being written.
#[derive(Default)]
pub struct Writer {
    out: Vec<u8>,
    objects: u64,
}

impl Writer {
    /// Writes everything but the extensions; the object stays open.
    pub fn open(errors: &[Shown], request_id: &str, data: Option<(&Value, &Order)>) -> Writer {
        let mut writer = Writer { out: Vec::with_capacity(1024), objects: 0 };
        writer.out.push(b'{');
        if !errors.is_empty() {
            writer.errors(errors, request_id);
        }
        if let Some((value, order)) = data {
            writer.comma();
            writer.out.extend_from_slice(b"\"data\":");
            writer.value(value, Some(order));
        }
        writer
    }

    /// Goes on with an answer written earlier; its last brace is opened again.
    pub fn reopen(mut answer: Vec<u8>) -> Writer {
        if answer.last() == Some(&b'}') {
            answer.pop();
        }
        Writer { out: answer, objects: 0 }
    }

    /// How many objects the data holds.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    /// The bytes so far as a whole object.
    pub fn so_far(&self) -> Vec<u8> {
        let mut answer = self.out.clone();
        answer.push(b'}');
        answer
    }

    /// Adds one member.
    pub fn member(&mut self, name: &str, value: &impl serde::Serialize) {
        self.comma();
        self.string(name);
        self.out.push(b':');
        self.json(value);
    }

    /// Closes the object.
    pub fn close(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    fn comma(&mut self) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
    }

    fn errors(&mut self, errors: &[Shown], request_id: &str) {
        self.out.extend_from_slice(b"\"errors\":[");
        for (index, error) in errors.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            error.write(&mut self.out, request_id);
        }
        self.out.push(b']');
    }

    fn value(&mut self, value: &Value, order: Option<&Order>) {
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Boolean(true) => self.out.extend_from_slice(b"true"),
            Value::Boolean(false) => self.out.extend_from_slice(b"false"),
            Value::String(text) => self.string(text),
            Value::Enum(name) => self.string(name),
            Value::Number(number) => self.json(number),
            Value::Binary(bytes) => self.json(&bytes.as_ref()),
            Value::List(items) => self.list(items, order),
            Value::Object(fields) => self.object(fields, order),
        }
    }

    fn list(&mut self, items: &[Value], order: Option<&Order>) {
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.value(item, order);
        }
        self.out.push(b']');
    }

    fn object(&mut self, fields: &IndexMap<Name, Value>, order: Option<&Order>) {
        if let Some(written) = written(fields) {
            return self.out.extend_from_slice(written.as_bytes());
        }
        self.objects += 1;
        self.out.push(b'{');
        match order {
            Some(order) => self.ordered(fields, order),
            None => fields.iter().for_each(|(name, value)| self.field(name, value, None)),
        }
        self.out.push(b'}');
    }

    /// Most objects come in order: the next key is then the next field, with no look-up.
    fn ordered(&mut self, fields: &IndexMap<Name, Value>, order: &Order) {
        let (mut next, mut done) = (0, 0);
        for key in &order.keys {
            let found = match fields.get_index(next) {
                Some((name, value)) if *name == key.name => Some((next, value)),
                _ => fields.get_full(&key.name).map(|(index, _, value)| (index, value)),
            };
            if let Some((index, value)) = found {
                next = index + 1;
                done += 1;
                self.field(&key.name, value, key.below.as_ref());
            }
        }
        debug_assert_eq!(done, fields.len(), "an answer has a key nobody asked for");
    }

    fn field(&mut self, name: &Name, value: &Value, below: Option<&Order>) {
        self.comma_in_object();
        self.string(name);
        self.out.push(b':');
        self.value(value, below);
    }

    fn comma_in_object(&mut self) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
    }

    fn string(&mut self, text: &str) {
        self.json(text);
    }

    fn json(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        serde_json::to_writer(&mut self.out, value).expect("plain values always serialize");
    }
}

/// JSON a resolver wrote itself; what only looks like it is null.
fn written(fields: &IndexMap<Name, Value>) -> Option<&str> {
    if fields.len() != 1 {
        return None;
    }
    let Some(Value::String(text)) = fields.get(RAW_VALUE_TOKEN) else {
        return None;
    };
    let sound = serde_json::from_str::<IgnoredAny>(text).is_ok();
    Some(if sound { text } else { "null" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::prepass::Order;
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    fn order(query: &str) -> Order {
        let document = parse_query(query).unwrap();
        let operation = document.operations.iter().next().unwrap().1;
        let schema = crate::edge::schema_map::SchemaMap::read("type Query { a: Int }", &Default::default()).unwrap();
        Order::of(&document, &operation.node, &schema, "Query")
    }

    fn text(query: &str, data: &Value) -> String {
        String::from_utf8(Writer::open(&[], "r", Some((data, &order(query)))).close()).unwrap()
    }

    #[test]
    fn restores_the_order_of_the_selection() {
        let data = value!({"c": 3, "a": {"y": 1, "x": null}, "b": [{"q": 1, "p": 2}]});
        let query = "{ a { x y } ...F } fragment F on Query { b { p q } c }";
        assert_eq!(text(query, &data), r#"{"data":{"a":{"x":null,"y":1},"b":[{"p":2,"q":1}],"c":3}}"#);
    }

    #[test]
    fn leaves_skipped_fields_out() {
        assert_eq!(text("{ a b c }", &value!({"c": 3, "a": 1})), r#"{"data":{"a":1,"c":3}}"#);
    }

    #[test]
    fn leaves_free_form_objects_alone() {
        assert_eq!(text("{ a }", &value!({"a": {"z": 1, "a \"": "\n"}})), "{\"data\":{\"a\":{\"z\":1,\"a \\\"\":\"\\n\"}}}");
    }

    #[test]
    fn writes_written_json_once_it_is_json() {
        let raw = |text: &str| {
            let mut fields = IndexMap::new();
            fields.insert(Name::new(RAW_VALUE_TOKEN), Value::String(text.to_owned()));
            Value::Object([(Name::new("a"), Value::Object(fields))].into_iter().collect())
        };
        assert_eq!(text("{ a }", &raw("[1, 2]")), r#"{"data":{"a":[1, 2]}}"#);
        assert_eq!(text("{ a }", &raw("1}, \"x\": {")), r#"{"data":{"a":null}}"#);
    }
}
