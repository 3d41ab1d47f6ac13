//! Whether the variables of a request have the types the operation declares.

use async_graphql::parser::types::{BaseType, OperationDefinition, Type, VariableDefinition};
use async_graphql::{Positioned, Value, Variables};
use async_graphql_value::RAW_VALUE_TOKEN;

use crate::edge::errors::Fault;
use crate::edge::schema_map::{InputInfo, SchemaMap};

/// Every variable that cannot become what it should be.
pub fn check(operation: &OperationDefinition, variables: &Variables, schema: &SchemaMap) -> Vec<Fault> {
    let definitions = operation.variable_definitions.iter();
    definitions.filter_map(|definition| variable(definition, variables, schema).err()).collect()
}

fn variable(definition: &Positioned<VariableDefinition>, variables: &Variables, schema: &SchemaMap) -> Result<(), Fault> {
    let declared = &definition.node;
    let name = &declared.name.node;
    let verdict = match variables.get(name) {
        Some(value) => fits(value, &declared.var_type.node, schema).and_then(|()| text(value)),
        None if declared.var_type.node.nullable || declared.default_value.is_some() => Ok(()),
        None => Err("a value is required".to_owned()),
    };
    verdict.map_err(|why| {
        let message = format!("Variable \"${name}\" of type \"{}\": {why}.", declared.var_type.node);
        Fault::input(message).at(definition.pos)
    })
}

fn fits(value: &Value, ty: &Type, schema: &SchemaMap) -> Result<(), String> {
    if *value == Value::Null {
        return if ty.nullable { Ok(()) } else { Err("null is not allowed".to_owned()) };
    }
    match (&ty.base, value) {
        (BaseType::List(inner), Value::List(items)) => items.iter().try_for_each(|item| fits(item, inner, schema)),
        (BaseType::List(inner), single) => fits(single, inner, schema),
        (BaseType::Named(name), value) => named(value, name.as_str(), schema),
    }
}

fn named(value: &Value, name: &str, schema: &SchemaMap) -> Result<(), String> {
    let good = match (name, value) {
        ("Int", Value::Number(number)) => number.as_i64().is_some_and(|whole| i32::try_from(whole).is_ok()),
        ("Float", Value::Number(_)) | ("String", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
        ("ID", Value::String(_)) => true,
        ("ID", Value::Number(number)) => number.as_i64().is_some(),
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        _ => return declared(value, name, schema),
    };
    if good { Ok(()) } else { Err(format!("{} is not a value of type \"{name}\"", kind(value))) }
}

fn declared(value: &Value, name: &str, schema: &SchemaMap) -> Result<(), String> {
    let Some(info) = schema.get(name) else {
        return Ok(());
    }; // unknown types are the validator's
    if let Some(inputs) = &info.inputs {
        let Value::Object(fields) = value else {
            return Err(format!("{} is not an object", kind(value)));
        };
        for (field, input) in inputs {
            field_fits(fields.get(field.as_str()), field, input, schema)?;
        }
        return match fields.keys().find(|key| !inputs.contains_key(key.as_str())) {
            Some(key) => Err(format!("\"{name}\" has no field \"{}\"", short(key))),
            None => Ok(()),
        };
    }
    match (&info.values, value) {
        (Some(values), Value::String(given)) if values.contains(given) => Ok(()),
        (Some(_), given) => Err(format!("{} is not one of \"{name}\"", kind(given))),
        (None, given) => free(given),
    }
}

fn field_fits(value: Option<&Value>, name: &str, input: &InputInfo, schema: &SchemaMap) -> Result<(), String> {
    match value {
        Some(value) => fits(value, &input.ty, schema).map_err(|why| format!("field \"{name}\": {why}")),
        None if input.ty.nullable || input.has_default => Ok(()),
        None => Err(format!("field \"{name}\" is required")),
    }
}

/// U+0000 is in no text: PostgreSQL refuses it, and would be the only one to.
fn text(value: &Value) -> Result<(), String> {
    let plain = |text: &str| if text.contains('\0') { Err("U+0000 is not text".to_owned()) } else { Ok(()) };
    match value {
        Value::String(given) => plain(given),
        Value::List(items) => items.iter().try_for_each(text),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| plain(name).and_then(|()| text(value))),
        _ => Ok(()),
    }
}

/// Free-form values may be anything but the one key the writer would take for written JSON.
fn free(value: &Value) -> Result<(), String> {
    match value {
        Value::List(items) => items.iter().try_for_each(free),
        Value::Object(fields) if fields.contains_key(RAW_VALUE_TOKEN) => Err("a reserved key is used".to_owned()),
        Value::Object(fields) => fields.values().try_for_each(free),
        _ => Ok(()),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Number(_) => "a number",
        Value::String(_) | Value::Enum(_) => "a string",
        Value::Boolean(_) => "a boolean",
        Value::Binary(_) => "binary data",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(60)]
}
