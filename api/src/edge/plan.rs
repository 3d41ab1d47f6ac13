//! One operation from what was asked to what is executed; the same for HTTP and sockets.
//!
//! Order: document (by text or by id), operation, caller, introspection, variables, cost, bucket.

use std::any::TypeId;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Request, Response, Variables};
use futures_util::FutureExt;
use services::tracking;

use super::Edge;
use super::engine::{Caller, Charge, Client, Due, RateState};
use super::errors::{Code, Fault};
use super::metrics;
use super::prepass::{Checked, Operation};

/// The hash of the document being executed, as request data: resolvers can group by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocumentHash(pub [u8; 32]);

/// What a client asks for.
#[derive(Debug, Default)]
pub struct Asked {
    /// The document's text.
    pub query: Option<String>,
    /// Or the id of a persisted one.
    pub document_id: Option<String>,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// The values of its variables.
    pub variables: Variables,
}

/// A checked document, one of its operations and the variables for it.
pub struct Plan {
    checked: Arc<Checked>,
    index: usize,
    variables: Variables,
    /// What it costs, once that is known.
    pub cost: u64,
}

/// A plan put away: the document is shared, the variables are as small as they came.
pub struct Kept {
    checked: Arc<Checked>,
    index: usize,
    variables: Box<[u8]>,
}

impl Kept {
    /// The operation to execute.
    pub fn operation(&self) -> &Operation {
        &self.checked.operations()[self.index]
    }

    /// The plan again.
    pub fn plan(&self) -> Plan {
        let variables = serde_json::from_slice(&self.variables).expect("variables that were written as JSON");
        Plan { checked: self.checked.clone(), index: self.index, variables, cost: 0 }
    }
}

impl Plan {
    /// The operation to execute.
    pub fn operation(&self) -> &Operation {
        &self.checked.operations()[self.index]
    }

    /// The operation as it was written.
    pub fn definition(&self) -> Option<&OperationDefinition> {
        self.checked.definition(self.operation().name.as_deref())
    }

    /// All that came with it.
    pub fn document(&self) -> &ExecutableDocument {
        &self.checked.document
    }

    /// The hash of the document.
    pub fn hash(&self) -> &[u8; 32] {
        &self.checked.hash
    }

    /// The values of the variables.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// What it takes to make the plan again.
    pub fn keep(&self) -> Kept {
        let variables = serde_json::to_vec(&self.variables).expect("variables that came as JSON are JSON");
        Kept { checked: self.checked.clone(), index: self.index, variables: variables.into() }
    }

    /// The request to execute, with everything of the caller in it.
    pub fn request(&mut self, caller: &Caller, client: &Arc<Client>, rate: Option<RateState>) -> Request {
        let mut request = Request::new(String::new()).variables(std::mem::take(&mut self.variables));
        request.operation_name.clone_from(&self.operation().name);
        request.set_parsed_query(self.checked.document.clone());
        request.data.insert(DocumentHash(self.checked.hash));
        request.data.insert(client.clone());
        if let Some(rate) = rate {
            request.data.insert(rate);
        }
        caller.attach(&mut request);
        request
    }
}

impl Edge {
    /// Finds and checks the document and the operation.
    pub(super) fn plan(&self, asked: Asked) -> Result<Plan, Vec<Fault>> {
        let checked = match (&asked.query, &asked.document_id) {
            (Some(text), _) => self.prepass.document(text)?,
            (None, Some(id)) => self.prepass.document(&self.persisted(id).map_err(|fault| vec![fault])?)?,
            (None, None) => {
                return Err(vec![Fault::input("The request has neither `query` nor `documentId`.")]);
            }
        };
        let name = asked.operation_name.as_deref();
        let index = self.prepass.operation(&checked, name).map_err(|fault| vec![fault])?;
        Ok(Plan { checked, index, variables: asked.variables, cost: 0 })
    }

    fn persisted(&self, id: &str) -> Result<Arc<str>, Fault> {
        let malformed = || Fault::input("`documentId` is `sha256:` and 64 hexadecimal digits.");
        let digits = id.strip_prefix("sha256:").ok_or_else(malformed)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| malformed())?;
        let missing = || Fault::new(Code::PersistedQueryNotFound, "No document of that id is known.");
        self.engine.lookup_document(&hash).ok_or_else(missing)
    }

    /// Whether a bad bearer does not matter, because the operation is about getting a good one.
    pub(super) fn session_only(&self, plan: &Plan) -> bool {
        let verbs = &self.settings.session_verbs;
        let roots = &plan.operation().roots;
        !roots.is_empty()
            && roots.iter().all(|root| verbs.contains(root) || root == "__typename")
            && roots.iter().any(|root| verbs.contains(root))
    }

    /// Checks what depends on the caller and the variables, and settles the cost.
    pub(super) fn settle(&self, mut plan: Plan, caller: &Caller) -> Result<Plan, Vec<Fault>> {
        if plan.operation().introspects() && self.settings.production && !caller.signed_in() {
            return Err(vec![Fault::invalid("Introspection is off for anonymous callers.")]);
        }
        plan.cost = self.prepass.request(&plan.checked, plan.operation(), &plan.variables)?;
        Ok(plan)
    }

    /// Takes what an operation is worth from its bucket; one that is refused is a unit.
    pub(super) async fn charge(&self, plan: Option<&Plan>, caller: &Caller, client: &Client) -> (Option<RateState>, Option<Fault>) {
        let due = plan.map_or(Due { units: 1, at_the_door: false }, |plan| self.due(plan));
        match self.engine.charge(caller, client, due).await {
            Charge::Unlimited => (None, None),
            Charge::Granted(state) => (Some(state), None),
            Charge::Refused { retry_after, state } => {
                metrics::rejected(state.policy);
                (Some(state), Some(Fault::said(Code::RateLimited, "error-rate-limited").after(retry_after)))
            }
        }
    }

    /// However many attempts to sign in one document holds, each is a unit. Those that count themselves leave what is beyond.
    fn due(&self, plan: &Plan) -> Due {
        let roots = &plan.operation().roots;
        let doors = roots.iter().filter(|root| self.settings.doors.contains(root)).count() as u64;
        let units = plan.cost.div_ceil(self.settings.limits.points_a_unit).max(doors);
        let counted = roots.iter().filter(|root| self.settings.self_counting.contains(root)).count();
        let counted = if counted == roots.len() { counted as u64 } else { 0 };
        Due { units: units.saturating_sub(counted), at_the_door: doors > 0 || counted > 0 }
    }

    /// Executes a query or a mutation in its time; a panic is our fault, not the end.
    pub(super) async fn execute(
        &self,
        request: Request,
        operation: &Operation,
        caller: &Caller,
        client: &Client,
    ) -> Result<Response, Fault> {
        let time = match operation.ty {
            OperationType::Mutation => self.settings.mutation_time(),
            _ => self.settings.query_time(),
        };
        let name = self.metric_name(&request, operation).to_owned();
        let started = Instant::now();
        let running = AssertUnwindSafe(self.engine.execute(request, caller)).catch_unwind();
        let running = tracking::within(vec![("request.id", client.request_id.to_string())], running);
        let outcome = tokio::time::timeout(time, running).await;
        metrics::operation(name, operation.ty, started.elapsed());
        match outcome {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(_)) => {
                tracing::error!(request.id = &*client.request_id, "a resolver panicked");
                Err(Fault::internal())
            }
            Err(_) if operation.ty == OperationType::Mutation => Err(Fault::unfinished()),
            Err(_) => Err(Fault::over_time()),
        }
    }

    /// The names of known documents are counted apart; those that anybody makes up would be without end.
    fn metric_name<'a>(&self, request: &Request, operation: &'a Operation) -> &'a str {
        let hash = request.data.get(&TypeId::of::<DocumentHash>()).and_then(|hash| hash.downcast_ref::<DocumentHash>());
        let known = hash.is_some_and(|hash| self.engine.lookup_document(&hash.0).is_some());
        operation.name.as_deref().filter(|_| known).unwrap_or("other")
    }
}
