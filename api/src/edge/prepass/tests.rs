//! Every ceiling at its edge: allowed at the limit, refused one over.

use async_graphql::{Value, Variables, value};

use super::*;
use crate::edge::settings::Settings;

const SDL: &str = r#"
type Query { a: A thing(on: Boolean!, in: In, list: [Int!], text: String): A rows(first: Int, last: Int): RowConnection! nodes(ids: [ID!]!): [A]! n: Int }
type A { a: A n: Int fields: [A] rows(first: Int, last: Int): RowConnection! }
type RowConnection { edges: [RowEdge!]! nodes: [A!]! pageInfo: PageInfo! totalCount: Int! }
type RowEdge { node: A! cursor: String! }
type PageInfo { hasNextPage: Boolean! }
type Mutation { m: Int signIn: Int }
type Subscription { s: Int t: Int }
input In { x: Int! y: Int = 3 in: In kind: Kind }
enum Kind { ONE TWO }
schema { query: Query mutation: Mutation subscription: Subscription }
"#;

fn prepass() -> Prepass {
    let mut settings = Settings::default();
    settings.weights.insert("Mutation.signIn".into(), 2_500);
    let schema = SchemaMap::read(SDL, &settings).expect("a sound schema");
    Prepass::new(schema, settings.limits)
}

fn check(text: &str) -> Result<Arc<Checked>, Vec<Fault>> {
    prepass().document(text)
}

fn code(text: &str) -> Option<Code> {
    check(text).err().map(|faults| faults[0].code)
}

fn cost(text: &str, variables: Value) -> Result<u64, Vec<Fault>> {
    let prepass = prepass();
    let checked = prepass.document(text)?;
    prepass.request(&checked, &checked.operations()[0], &Variables::from_value(variables))
}

/// Thirty fragments that spread the next one twice stand for a billion selections.
fn fan_out(fragments: usize) -> String {
    let chain = |number: usize| format!("fragment F{number} on Query{{...F{0} ...F{0}}}", number + 1);
    let chain: String = (0..fragments - 1).map(chain).collect();
    format!("{{...F0}}{chain}fragment F{} on Query{{n}}", fragments - 1)
}

#[test]
fn refuses_a_fragment_fan_out_with_linear_work() {
    for fragments in [30, 45] {
        let document = parse_query(fan_out(fragments)).unwrap();
        let limits = Limits { definitions: 1_000, ..Limits::default() };
        let mut shape = Shape::new(&document, &limits);
        assert_eq!(shape.check().unwrap_err().code, Code::TooComplex);
        assert!(shape.visits <= 2 * fragments + 2, "{} selections looked at", shape.visits);
    }
    assert_eq!(code(&fan_out(300)), Some(Code::TooComplex));
}

#[test]
fn allows_2000_expanded_selections_and_no_more() {
    let document = |fields: &str| format!("{{ {fields} a {{ ...F ...F }} }} fragment F on A {{ {} }}", "n ".repeat(998));
    assert_eq!(code(&document("n")), None); // 2 fields, 2 spreads, twice 998 fields
    assert_eq!(code(&document("n n")), Some(Code::TooComplex));
}

#[test]
fn allows_depth_12_and_no_more() {
    let nested = |levels: usize| format!("{{{}n{}}}", "a{".repeat(levels - 1), "}".repeat(levels - 1));
    assert_eq!(code(&nested(12)), None);
    assert_eq!(code(&nested(13)), Some(Code::TooComplex));
}

#[test]
fn counts_depth_through_fragments() {
    let nested = |levels: usize| format!("{{a{{...F}}}} fragment F on A {{{}n{}}}", "a{".repeat(levels), "}".repeat(levels));
    assert_eq!(code(&nested(10)), None);
    assert_eq!(code(&nested(11)), Some(Code::TooComplex));
}

#[test]
fn allows_50_aliases_and_no_more() {
    let aliased = |count: usize| {
        let fields: String = (0..count).map(|number| format!("x{number}: n ")).collect();
        format!("{{ a {{ {fields} }} }}")
    };
    assert_eq!(code(&aliased(50)), None);
    assert_eq!(code(&aliased(51)), Some(Code::TooComplex));
}

#[test]
fn allows_5_directives_a_node_and_50_in_all() {
    let on_one = |count: usize| format!("{{ n {} }}", "@include(if: true) ".repeat(count));
    assert_eq!(code(&on_one(5)), None);
    assert_eq!(code(&on_one(6)), Some(Code::TooComplex));
    let in_all = |nodes: usize| format!("{{ a {{ {} }} }}", "n @skip(if: false) ".repeat(nodes));
    assert_eq!(code(&in_all(50)), None);
    assert_eq!(code(&in_all(51)), Some(Code::TooComplex));
}

#[test]
fn allows_20_root_fields_and_10_mutations() {
    assert_eq!(code(&format!("{{ {} }}", "n ".repeat(20))), None);
    assert_eq!(code(&format!("{{ {} }}", "n ".repeat(21))), Some(Code::TooComplex));
    assert_eq!(code(&format!("mutation {{ {} }}", "m ".repeat(10))), None);
    assert_eq!(code(&format!("mutation {{ {} }}", "m ".repeat(11))), Some(Code::TooComplex));
}

#[test]
fn allows_50_definitions_and_no_more() {
    let operations = |count: usize| (0..count).map(|number| format!("query Q{number} {{ n }} ")).collect::<String>();
    assert_eq!(code(&operations(50)), None);
    assert_eq!(code(&operations(51)), Some(Code::TooComplex));
}

#[test]
fn allows_100_variables_and_no_more() {
    let declared = |count: usize| {
        let all: String = (0..count).map(|number| format!("$v{number}: Int ")).collect();
        format!("query ({all}) {{ n }}")
    };
    assert_eq!(code(&declared(100)), None);
    assert_eq!(code(&declared(101)), Some(Code::TooComplex));
}

#[test]
fn allows_32_kib_of_text_and_no_more() {
    let padded = |bytes: usize| format!("{{ n }}{}", " ".repeat(bytes - 5));
    assert_eq!(code(&padded(32 * 1024)), None);
    assert_eq!(code(&padded(32 * 1024 + 1)), Some(Code::TooComplex));
}

#[test]
fn lets_the_standard_introspection_pass_and_no_deeper_one() {
    let standard = include_str!("introspection_query.graphql");
    assert_eq!(check(standard).err(), None);
    let circular = "{ __schema { types { fields { type { fields { name } } } } } }";
    assert_eq!(code(circular), Some(Code::TooComplex));
    assert_eq!(code("{ a { fields { fields { n } } } }"), None);
}

#[test]
fn refuses_fragments_that_lead_back_to_themselves() {
    assert_eq!(code("{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }"), Some(Code::ValidationFailed));
    assert_eq!(code("{ n } fragment F on A { a { ...F } }"), Some(Code::ValidationFailed));
}

#[test]
fn refuses_variables_that_do_not_fit_their_place() {
    let table = [
        ("query ($v: String) { thing(on: true, text: $v) { n } }", true),
        ("query ($v: String!) { thing(on: true, text: $v) { n } }", true),
        ("query ($v: Boolean!) { thing(on: $v) { n } }", true),
        ("query ($v: Boolean = true) { thing(on: $v) { n } }", true),
        ("query ($v: Boolean = null) { thing(on: $v) { n } }", false),
        ("query ($v: Boolean) { thing(on: $v) { n } }", false),
        ("query ($v: String) { thing(on: $v) { n } }", false),
        ("query ($v: String!) { thing(on: $v) { n } }", false),
        ("query ($v: Int) { thing(on: true, in: {x: $v}) { n } }", false),
        ("query ($v: Int) { thing(on: true, in: {x: 1, y: $v}) { n } }", true),
        ("query ($v: Int) { thing(on: true, list: [1, $v]) { n } }", false),
        ("query ($v: [Int!]) { thing(on: true, list: $v) { n } }", true),
        ("query ($v: [Int]) { thing(on: true, list: $v) { n } }", false),
        ("query ($v: Boolean) { n @include(if: $v) }", false),
        ("query ($v: Boolean) { ...F } fragment F on Query { thing(on: $v) { n } }", false),
        ("query ($v: String) { __typename @include(if: $v) }", false),
    ];
    for (document, good) in table {
        assert_eq!(code(document), (!good).then_some(Code::ValidationFailed), "{document}");
    }
}

#[test]
fn refuses_what_hangs_below_typename() {
    assert_eq!(code("{ __typename { n } }"), Some(Code::ValidationFailed));
    assert_eq!(code("{ __typename(x: 1) }"), Some(Code::ValidationFailed));
}

#[test]
fn moves_directives_of_typename_to_where_they_are_seen() {
    let checked = check("query ($v: Boolean!) { __typename @include(if: $v) n }").unwrap();
    let operation = checked.document.operations.iter().next().unwrap().1;
    assert!(matches!(operation.node.selection_set.node.items[0].node, Selection::InlineFragment(_)));
}

#[test]
fn refuses_subscriptions_with_other_than_one_root() {
    assert_eq!(code("subscription { s }"), None);
    for document in ["subscription { s t }", "subscription { ...F } fragment F on Subscription { s t }", "subscription { __typename }"] {
        assert_eq!(code(document), Some(Code::ValidationFailed), "{document}");
    }
}

#[test]
fn costs_pages_by_literal_variable_and_default() {
    let table = [
        ("{ n }", value!({}), 1),
        ("{ a { a { n } } }", value!({}), 2),
        ("{ rows { nodes { n } pageInfo { hasNextPage } totalCount } }", value!({}), 51),
        ("{ rows { edges { cursor node { n } } } }", value!({}), 51),
        ("{ rows(first: 10) { nodes { n } } }", value!({}), 11),
        ("{ rows(last: 10) { nodes { n } } }", value!({}), 11),
        ("{ rows(first: 1000000) { nodes { n } } }", value!({}), 101),
        ("{ rows(first: -1) { nodes { n } } }", value!({}), 2),
        ("query ($f: Int) { rows(first: $f) { nodes { n } } }", value!({"f": 7}), 8),
        ("query ($f: Int) { rows(first: $f) { nodes { n } } }", value!({}), 51),
        ("query ($f: Int = 9) { rows(first: $f) { nodes { n } } }", value!({}), 10),
        ("query ($f: Int) { rows(first: 10) { nodes { rows(first: $f) { nodes { n } } } } }", value!({"f": 5}), 71),
        ("query ($f: Int) { rows { ...F } } fragment F on RowConnection { nodes { a { n } } }", value!({}), 101),
        ("{ nodes(ids: [1, 2, 3]) { a { n } } }", value!({}), 6),
        ("query ($i: [ID!]!) { nodes(ids: $i) { n } }", value!({"i": ["a", "b"]}), 2),
        ("mutation { m }", value!({}), 10),
        ("mutation { signIn }", value!({}), 2500),
    ];
    for (document, variables, expected) in table {
        assert_eq!(cost(document, variables), Ok(expected), "{document}");
    }
}

#[test]
fn allows_a_cost_of_10_000_and_no_more() {
    assert_eq!(cost("mutation { a: signIn b: signIn c: signIn d: signIn }", value!({})), Ok(10_000));
    let over = cost("mutation { a: signIn b: signIn c: signIn d: signIn e: m }", value!({}));
    assert_eq!(over.unwrap_err()[0].code, Code::TooComplex);
    let page = "query ($f: Int) { rows(first: $f) { nodes { rows(first: $f) { nodes { n } } } } }";
    assert_eq!(cost(page, value!({"f": 98})), Ok(9_801));
    assert!(cost(page, value!({"f": 100})).is_err());
}

#[test]
fn checks_the_values_of_variables() {
    let thing = "query ($on: Boolean!, $in: In, $list: [Int!], $text: String, $k: Kind) { thing(on: $on, in: $in, list: $list, text: $text) { n } b: thing(on: true, in: {x: 1, kind: $k}) { n } }";
    let table = [
        (value!({"on": true}), true),
        (value!({}), false),
        (value!({"on": null}), false),
        (value!({"on": "true"}), false),
        (value!({"on": 1}), false),
        (value!({"on": true, "in": {"x": 1}}), true),
        (value!({"on": true, "in": {"x": 1, "in": {"x": 2, "kind": "ONE"}}}), true),
        (value!({"on": true, "in": {"x": 1, "in": {"y": 2}}}), false),
        (value!({"on": true, "in": {"x": 1, "z": 2}}), false),
        (value!({"on": true, "in": "x"}), false),
        (value!({"on": true, "list": [1, 2]}), true),
        (value!({"on": true, "list": 1}), true),
        (value!({"on": true, "list": [1, null]}), false),
        (value!({"on": true, "list": [4294967296_i64]}), false),
        (value!({"on": true, "text": 1}), false),
        (value!({"on": true, "k": "TWO"}), true),
        (value!({"on": true, "k": "THREE"}), false),
    ];
    for (variables, good) in table {
        let outcome = cost(thing, variables.clone());
        assert_eq!(outcome.is_ok(), good, "{variables}: {outcome:?}");
    }
}

#[test]
fn says_where_text_stops_being_graphql_and_no_more() {
    let faults = check(&format!("{{ n }}\n  query {{ {} ? }}", "n ".repeat(500))).err().unwrap();
    assert_eq!((faults[0].code, faults[0].at.is_some()), (Code::ParseFailed, true));
    assert!(faults[0].message.len() < 200);
}

#[test]
fn remembers_what_it_checked() {
    let prepass = prepass();
    let (one, two) = (prepass.document("{ n }").unwrap(), prepass.document("{ n }").unwrap());
    assert!(Arc::ptr_eq(&one, &two));
}

#[test]
fn forgets_old_documents() {
    let prepass = prepass();
    let first = prepass.document("{ n }").unwrap();
    for number in 0..2_500 {
        prepass.document(&format!("query Q{number} {{ n }}")).unwrap();
    }
    assert!(!Arc::ptr_eq(&first, &prepass.document("{ n }").unwrap()));
}
