//! What the edge knows of the schema: read once from its definition language.

use std::collections::HashMap;

use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};

use super::settings::Settings;

const MUTATION_WEIGHT: u64 = 10;
const INTROSPECTION: &str = include_str!("introspection.graphql");

/// The types of the schema, by name.
pub struct SchemaMap {
    types: HashMap<String, TypeInfo>,
    directives: HashMap<String, HashMap<String, InputInfo>>,
    /// The name of the query root.
    pub query: String,
    /// The name of the mutation root, when there is one.
    pub mutation: Option<String>,
    /// The name of the subscription root, when there is one.
    pub subscription: Option<String>,
}

/// One type.
#[derive(Default)]
pub struct TypeInfo {
    /// Scalars and enums: nothing can be selected below them.
    pub leaf: bool,
    /// Values of an enum.
    pub values: Option<Vec<String>>,
    /// Fields of an object or interface.
    pub fields: HashMap<String, FieldInfo>,
    /// Fields of an input object.
    pub inputs: Option<HashMap<String, InputInfo>>,
}

/// One field of an object or interface.
pub struct FieldInfo {
    /// The named type at its heart.
    pub of: String,
    /// Whether it gives a list.
    pub list: bool,
    /// Whether it may be null, and an item of it, where it is a list.
    pub nullable: bool,
    pub items_nullable: bool,
    /// Whether it gives pages: it takes `first` or `last` and returns a connection.
    pub pages: bool,
    /// Its arguments.
    pub arguments: HashMap<String, InputInfo>,
    /// What one of it costs.
    pub weight: u64,
}

/// An argument or a field of an input object.
pub struct InputInfo {
    /// Its declared type.
    pub ty: Type,
    /// Whether it may be left out though it is not nullable.
    pub has_default: bool,
}

impl SchemaMap {
    /// Reads a schema, and the weights set for it.
    pub fn read(sdl: &str, settings: &Settings) -> Result<SchemaMap, Error> {
        let documents = [parse_schema(sdl)?, parse_schema(INTROSPECTION)?];
        let mut map = SchemaMap::empty();
        map.roots(&documents[0]);
        documents.iter().for_each(|document| map.definitions(document));
        map.introspection();
        map.weigh(settings);
        Ok(map)
    }

    /// The type of that name.
    pub fn get(&self, name: &str) -> Option<&TypeInfo> {
        self.types.get(name)
    }

    /// The field of a type.
    pub fn field(&self, parent: &str, name: &str) -> Option<&FieldInfo> {
        self.types.get(parent)?.fields.get(name)
    }

    /// The argument of a directive.
    pub fn directive_argument(&self, directive: &str, name: &str) -> Option<&InputInfo> {
        self.directives.get(directive)?.get(name)
    }

    fn empty() -> SchemaMap {
        SchemaMap { types: HashMap::new(), directives: HashMap::new(), query: "Query".to_owned(), mutation: None, subscription: None }
    }

    fn roots(&mut self, document: &ServiceDocument) {
        for definition in &document.definitions {
            if let TypeSystemDefinition::Schema(schema) = definition {
                let name = |root: &Option<async_graphql::Positioned<async_graphql::Name>>| root.as_ref().map(|name| name.node.to_string());
                self.query = name(&schema.node.query).unwrap_or_else(|| "Query".to_owned());
                self.mutation = name(&schema.node.mutation);
                self.subscription = name(&schema.node.subscription);
            }
        }
    }

    fn definitions(&mut self, document: &ServiceDocument) {
        for definition in &document.definitions {
            match definition {
                TypeSystemDefinition::Type(ty) => self.define(&ty.node),
                TypeSystemDefinition::Directive(directive) => {
                    let arguments = inputs(&directive.node.arguments);
                    self.directives.insert(directive.node.name.node.to_string(), arguments);
                }
                TypeSystemDefinition::Schema(_) => {}
            }
        }
    }

    fn define(&mut self, ty: &TypeDefinition) {
        let name = ty.name.node.to_string();
        let root = self.mutation.as_ref() == Some(&name);
        let info = self.types.entry(name).or_default();
        match &ty.kind {
            TypeKind::Scalar => info.leaf = true,
            TypeKind::Enum(values) => {
                info.leaf = true;
                info.values = Some(values.values.iter().map(|value| value.node.value.node.to_string()).collect());
            }
            TypeKind::Object(object) => add(info, &object.fields, root),
            TypeKind::Interface(interface) => add(info, &interface.fields, root),
            TypeKind::Union(_) => {}
            TypeKind::InputObject(input) => info.inputs = Some(inputs(&input.fields)),
        }
    }

    fn introspection(&mut self) {
        for leaf in ["Int", "Float", "String", "Boolean", "ID"] {
            self.types.entry(leaf.to_owned()).or_default().leaf = true;
        }
        let extra = self.types.remove("__Root").unwrap_or_default();
        self.types.entry(self.query.clone()).or_default().fields.extend(extra.fields);
    }

    fn weigh(&mut self, settings: &Settings) {
        let leaves: Vec<String> = self.types.iter().filter(|(_, info)| info.leaf).map(|(name, _)| name.clone()).collect();
        for (parent, info) in &mut self.types {
            for (name, field) in &mut info.fields {
                let free = leaves.contains(&field.of) || parent.starts_with("__") || wrapper(parent, name, field);
                if free && field.weight == 1 {
                    field.weight = 0;
                }
                if let Some(weight) = settings.weights.get(&format!("{parent}.{name}")) {
                    field.weight = *weight;
                }
            }
        }
    }
}

/// Parts of a connection that carry no row of their own.
fn wrapper(parent: &str, name: &str, field: &FieldInfo) -> bool {
    field.of == "PageInfo" || (parent.ends_with("Connection") && name == "edges")
}

fn add(info: &mut TypeInfo, fields: &[async_graphql::Positioned<FieldDefinition>], root: bool) {
    for field in fields {
        let field = &field.node;
        let weight = match field.name.node.as_str() {
            "__schema" => 1_000,
            "__type" => 50,
            _ if root => MUTATION_WEIGHT,
            _ => 1,
        };
        info.fields.insert(field.name.node.to_string(), describe(field, weight));
    }
}

fn describe(field: &FieldDefinition, weight: u64) -> FieldInfo {
    let arguments = inputs(&field.arguments);
    let of = named(&field.ty.node).to_owned();
    let pages = of.ends_with("Connection") && (arguments.contains_key("first") || arguments.contains_key("last"));
    let (ty, items_nullable) = (&field.ty.node, matches!(&field.ty.node.base, BaseType::List(item) if item.nullable));
    FieldInfo { list: is_list(ty), nullable: ty.nullable, items_nullable, pages, of, arguments, weight }
}

fn inputs(definitions: &[async_graphql::Positioned<InputValueDefinition>]) -> HashMap<String, InputInfo> {
    definitions
        .iter()
        .map(|input| {
            let info = InputInfo { ty: input.node.ty.node.clone(), has_default: input.node.default_value.is_some() };
            (input.node.name.node.to_string(), info)
        })
        .collect()
}

/// The named type inside any lists.
pub fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}
