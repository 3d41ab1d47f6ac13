//! Null where a field failed, as the specification wants it (GraphQL, 6.4.4 Handling Execution Errors): at the field where
//! it may be null, else at the nearest field above that may. async-graphql leaves such fields out.

use async_graphql::{Name, PathSegment, ServerError, Value};

use super::prepass::{Key, Order};

/// Puts the nulls that these errors call for into an answer.
pub fn fill(data: &mut Value, errors: &[ServerError], order: &Order) {
    // First what may be null itself, so that what is lost with more around it stays lost.
    for own in [true, false] {
        for error in errors {
            if lost(data, order, &error.path, own) {
                *data = Value::Null;
            }
        }
    }
}

/// Whether an object is lost with what failed at a path below it.
fn lost(value: &mut Value, order: &Order, path: &[PathSegment], own: bool) -> bool {
    let [PathSegment::Field(name), rest @ ..] = path else { return false };
    let Some(key) = order.keys.iter().find(|key| key.name == name.as_str()) else { return false };
    // Of an object all of whose fields failed nothing is left.
    if own && *value == Value::Null {
        *value = Value::Object(Default::default());
    }
    let Value::Object(fields) = value else { return false };
    let gone = match fields.get_mut(name.as_str()) {
        Some(child) => lost_below(child, key, rest, own),
        None => true,
    };
    if gone && key.nullable {
        fields.insert(Name::new(name), Value::Null);
    }
    gone && !key.nullable && !own
}

/// The same of a field's value: a list's items, or an object.
fn lost_below(value: &mut Value, key: &Key, path: &[PathSegment], own: bool) -> bool {
    match (value, path) {
        (Value::List(items), [PathSegment::Index(index), rest @ ..]) => {
            let Some(item) = items.get_mut(*index) else { return false };
            let gone = lost_below(item, key, rest, own);
            if gone && key.items_nullable {
                *item = Value::Null;
            }
            gone && !key.items_nullable
        }
        (value, [PathSegment::Field(_), ..]) => key.below.as_ref().is_some_and(|order| lost(value, order, path, own)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::schema_map::SchemaMap;
    use crate::edge::settings::Settings;
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    const SCHEMA: &str = "type Query { shop: Shop, shops: [Shop!]!, maybe: [Shop]! }
      type Shop { name: String!, motto: String, boss: Boss! } type Boss { name: String!, car: String }";

    fn filled(query: &str, mut data: Value, paths: &[&[PathSegment]]) -> Value {
        let map = SchemaMap::read(SCHEMA, &Settings::default()).unwrap();
        let document = parse_query(query).unwrap();
        let operation = document.operations.iter().next().unwrap().1;
        let order = Order::of(&document, &operation.node, &map, "Query");
        let failed = |path: &&[PathSegment]| ServerError { path: path.to_vec(), ..ServerError::new("failed", None) };
        fill(&mut data, &paths.iter().map(failed).collect::<Vec<_>>(), &order);
        data
    }

    fn at(name: &str) -> PathSegment {
        PathSegment::Field(name.to_owned())
    }

    #[test]
    fn a_field_that_may_be_null_is() {
        let data = filled("{ shop { name motto } }", value!({"shop": {"name": "A"}}), &[&[at("shop"), at("motto")]]);
        assert_eq!(data, value!({"shop": {"name": "A", "motto": null}}));
        assert_eq!(filled("{ shop { name } }", Value::Null, &[&[at("shop")]]), value!({"shop": null}));
        let aliased = filled("{ a: shop { ...F } } fragment F on Shop { m: motto }", value!({"a": null}), &[&[at("a"), at("m")]]);
        assert_eq!(aliased, value!({"a": {"m": null}}));
    }

    #[test]
    fn one_that_may_not_takes_what_is_around_it_along() {
        let boss = [at("shop"), at("boss"), at("name")];
        let data = value!({"shop": {"name": "A", "boss": {"car": "B"}}});
        assert_eq!(filled("{ shop { name boss { name car } } }", data, &[&boss]), value!({"shop": null}));
        let both = value!({"shop": {"name": "A"}});
        let car = [at("shop"), at("boss"), at("car")];
        assert_eq!(filled("{ shop { name boss { name car } } }", both, &[&boss, &car]), value!({"shop": null}), "whatever failed besides");
        let item = [at("shops"), PathSegment::Index(1), at("name")];
        assert_eq!(filled("{ shops { name } }", value!({"shops": [{"name": "A"}, {}]}), &[&item]), Value::Null);
        let item = [at("maybe"), PathSegment::Index(1), at("name")];
        assert_eq!(
            filled("{ maybe { name } }", value!({"maybe": [{"name": "A"}, {}]}), &[&item]),
            value!({"maybe": [{"name": "A"}, null]})
        );
    }

    #[test]
    fn what_is_there_stays() {
        let data = value!({"shop": {"name": "A", "motto": null}});
        assert_eq!(filled("{ shop { name motto } }", data.clone(), &[&[at("shop"), at("motto")], &[]]), data);
    }
}
