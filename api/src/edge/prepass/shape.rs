//! How large a document is once its fragments are expanded, without expanding them.
//!
//! Every fragment is measured once and remembered: thirty fragments that spread each other twice
//! cost thirty measurements, whatever the billions of selections they stand for.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{Directive, ExecutableDocument, OperationType, Selection, SelectionSet};

use crate::edge::errors::Fault;
use crate::edge::settings::Limits;

const SELECTIONS: &str = "selections once its fragments are expanded";

/// The size of a selection set with its fragments in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Selections of any kind.
    pub selections: u64,
    /// Nesting of fields.
    pub depth: u32,
    /// Aliases.
    pub aliases: u64,
    /// Directives.
    pub directives: u64,
    /// Fields of this level.
    pub fields: u64,
    /// Lists of the introspection system inside each other.
    pub lists: u32,
    /// Nesting below `__schema` and `__type`.
    pub introspection: u32,
    /// Lists inside lists below `__schema` and `__type`.
    pub introspection_lists: u32,
}

impl Measure {
    fn add(&mut self, other: Measure) {
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.fields = self.fields.saturating_add(other.fields);
        self.depth = self.depth.max(other.depth);
        self.lists = self.lists.max(other.lists);
        self.introspection = self.introspection.max(other.introspection);
        self.introspection_lists = self.introspection_lists.max(other.introspection_lists);
    }
}

/// Measures one document.
pub struct Shape<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    fragments: HashMap<&'a str, Option<Measure>>,
    /// Selections looked at: the work done, which must stay linear.
    pub visits: usize,
}

impl<'a> Shape<'a> {
    /// Starts with nothing measured.
    pub fn new(document: &'a ExecutableDocument, limits: &'a Limits) -> Self {
        Shape { document, limits, fragments: HashMap::new(), visits: 0 }
    }

    /// Measures every operation and every fragment against the ceilings.
    pub fn check(&mut self) -> Result<(), Fault> {
        let mut total = Measure::default();
        let mut roots = Vec::new();
        for (_, operation) in self.document.operations.iter() {
            self.per_node(&operation.node.directives)?;
            let mut measure = self.set(&operation.node.selection_set.node)?;
            measure.directives += operation.node.directives.len() as u64;
            roots.push((operation.node.ty, measure.fields));
            total.add(measure);
        }
        for (name, fragment) in &self.document.fragments {
            self.per_node(&fragment.node.directives)?;
            let measure = self.fragment(name.as_str())?;
            over(measure.selections, self.limits.selections, SELECTIONS)?;
        }
        self.within(&total)?;
        self.roots(&roots)
    }

    /// The ceilings in the order of the rule book.
    fn within(&self, measure: &Measure) -> Result<(), Fault> {
        let limits = self.limits;
        over(measure.selections, limits.selections, SELECTIONS)?;
        over(measure.depth.into(), limits.depth.into(), "levels of fields")?;
        over(measure.introspection.into(), limits.introspection_depth.into(), "levels of introspection")?;
        over(measure.introspection_lists.into(), limits.introspection_lists.into(), "introspection lists in a list")?;
        over(measure.aliases, limits.aliases, "aliases")?;
        over(measure.directives, limits.directives, "directives")
    }

    fn roots(&self, roots: &[(OperationType, u64)]) -> Result<(), Fault> {
        for (ty, fields) in roots {
            match ty {
                OperationType::Query => over(*fields, self.limits.root_fields, "root fields")?,
                OperationType::Mutation => over(*fields, self.limits.mutations, "mutations")?,
                OperationType::Subscription if *fields == 1 => {}
                OperationType::Subscription => {
                    return Err(Fault::invalid("A subscription must have exactly one root field."));
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Measure, Fault> {
        let mut measure = Measure::default();
        for selection in &set.items {
            self.visits += 1;
            let mut one = self.selection(&selection.node)?;
            self.per_node(selection.node.directives())?;
            one.selections = one.selections.saturating_add(1);
            one.directives = one.directives.saturating_add(selection.node.directives().len() as u64);
            measure.add(one);
        }
        Ok(measure)
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Measure, Fault> {
        match selection {
            Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str()),
            Selection::Field(field) => {
                let mut below = self.set(&field.node.selection_set.node)?;
                let name = field.node.name.node.as_str();
                if matches!(name, "__schema" | "__type") {
                    below.introspection = below.depth;
                    below.introspection_lists = below.lists;
                    below.depth = 0;
                }
                below.lists += u32::from(matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields"));
                below.depth = below.depth.saturating_add(1);
                below.aliases = below.aliases.saturating_add(u64::from(field.node.alias.is_some()));
                below.fields = 1;
                Ok(below)
            }
        }
    }

    /// Measures a fragment the first time; finds it unfinished when it leads back to itself.
    fn fragment(&mut self, name: &'a str) -> Result<Measure, Fault> {
        match self.fragments.get(name) {
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => {
                return Err(Fault::invalid(format!("Fragment \"{name}\" spreads itself.")));
            }
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Measure::default());
        };
        self.fragments.insert(name, None);
        let mut measure = self.set(&fragment.node.selection_set.node)?;
        measure.directives = measure.directives.saturating_add(fragment.node.directives.len() as u64);
        self.fragments.insert(name, Some(measure));
        Ok(measure)
    }

    fn per_node(&self, directives: &[Positioned<Directive>]) -> Result<(), Fault> {
        over(directives.len() as u64, self.limits.directives_per_node as u64, "directives on one node")
    }
}

fn over(value: u64, limit: u64, what: &str) -> Result<(), Fault> {
    if value <= limit {
        return Ok(());
    }
    Err(Fault::complex(format!("The document has over {limit} {what}.")))
}
