//! What the edge asks of us: who is asking, and to run what they ask.

use crate::context::Asking;
use crate::documents::Documents;
use crate::edge::{
    self, AuthFailure, Charge, Client, Due, Idempotency, IdempotencyToken, Identity, Payload, RateState, Readers, Seen, Standing,
};
use crate::error;
use crate::schema::{self, TerangaSchema};
use async_graphql::{Request, Response};
use entities::identity::UserId;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use services::audit::Asked;
use services::idempotency::{self, Claim, Known};
use services::identity::{self, Caller, Permission, Reach, security_events};
use services::limits::{Allowance, Bucket, Taken};
use services::locale::Locale;
use services::tracking::{self, Trouble};
use services::{App, Error, Scope, Timestamp};
use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, UNIX_EPOCH};
use uuid::Uuid;

/// The schema and the process behind it.
pub struct Engine {
    app: App,
    schema: TerangaSchema,
    documents: Documents,
}

impl Engine {
    pub fn new(app: App, suggestions: bool, documents: Documents) -> Self {
        Self { app, schema: schema::build(suggestions), documents }
    }
}

/// One caller, as the edge passes them around.
struct Guest {
    app: App,
    token: Option<String>,
    caller: Option<Caller>,
    header: Option<Locale>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Arc<str>,
}

impl Guest {
    fn of(caller: &edge::Caller) -> &Self {
        caller.as_any().downcast_ref().expect("every identity of this engine is a Guest")
    }

    /// Whether whoever asks again is the same with the same rights, from the same address.
    fn is_still(&self, now: Caller) -> bool {
        let now = now.coming_from(self.address.as_ref().and_then(|address| address.parse().ok()));
        let same = |(then, now): (&Caller, Caller)| then.member == now.member && then.grants == now.grants;
        self.caller.as_ref().zip(now).is_some_and(same)
    }

    fn locale(&self) -> Locale {
        Asking::language(self.caller.as_ref(), self.header)
    }

    fn asked(&self, operation: Option<String>) -> Arc<Asked> {
        let (request_id, address, user_agent) = (Some(self.request_id.clone()), self.address.clone(), self.user_agent.clone());
        Arc::new(Asked { operation, request_id, address, user_agent })
    }

    /// For the operation of this name.
    fn asking(&self, operation: Option<String>) -> Asking {
        let asking = Asking::new(&self.app, self.caller.clone(), self.header, self.asked(operation));
        if let Some(scope) = &asking.scope {
            scope.trace(self.request_id.clone());
        }
        asking
    }
}

impl Identity for Guest {
    fn attach(&self, request: &mut Request) {
        request.data.insert(self.asking(request.operation_name.clone()));
    }
    fn key(&self) -> Option<u128> {
        self.caller.as_ref().map(|caller| caller.user.0.as_u128())
    }
    fn expires_at(&self) -> Option<Instant> {
        let left = self.caller.as_ref()?.expires_at.since(self.app.now());
        Some(Instant::now() + left.to_std().unwrap_or(Duration::ZERO))
    }
    fn signed_in(&self) -> bool {
        self.caller.is_some()
    }
    fn locale(&self) -> Option<Locale> {
        self.caller.as_ref().map(|caller| caller.locale)
    }
    fn operator(&self) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.operator)
    }
    fn likeness(&self, readers: Readers) -> Option<[u8; 32]> {
        let caller = self.caller.as_ref()?;
        let (tenant, _) = caller.member?;
        let whole = caller.grants.iter().all(|(_, reach)| reach == Reach::Org);
        // Without the right to see members one still sees oneself.
        let one = readers == Readers::OnePerson || !whole || !caller.grants.allow(Permission::IdentityMemberRead);
        let person = if one { caller.user.0 } else { Uuid::nil() };
        let grants: Vec<String> =
            caller.grants.iter().map(|(permission, reach)| format!("{} {}", permission.code(), reach.code())).collect();
        let locale = self.locale().code();
        Some(edge::likeness([tenant.0.as_bytes().as_slice(), person.as_bytes(), grants.join(",").as_bytes(), locale.as_bytes()]))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The key a mutation came with; its row is written in the mutation's own transaction.
struct Key {
    claim: Claim,
    caller: edge::Caller,
    /// Where the mutation runs, once it does.
    scope: OnceLock<Scope>,
}

impl edge::Engine for Engine {
    fn sdl(&self) -> String {
        self.schema.sdl()
    }

    fn authenticate<'a>(&'a self, bearer: Option<&'a str>, client: &'a Client) -> BoxFuture<'a, Result<edge::Caller, AuthFailure>> {
        Box::pin(async move {
            let caller = match bearer {
                None => None,
                Some(token) => match identity::authenticate(&self.app, token).await {
                    Ok(Some(caller)) => Some(caller.coming_from(client.ip).ok_or(AuthFailure::Forbidden)?),
                    Ok(None) => return Err(AuthFailure::Unauthenticated),
                    Err(error) => {
                        tracing::error!(%error, "could not tell who is asking");
                        tracking::report(Trouble::Internal, &error.to_string(), &[("request.id", &client.request_id)]);
                        return Err(AuthFailure::Unavailable);
                    }
                },
            };
            let guest = Guest {
                app: self.app.clone(),
                token: bearer.filter(|_| caller.is_some()).map(str::to_owned),
                caller,
                header: client.accept_language.as_deref().and_then(Locale::of_header),
                address: client.ip.map(|ip| ip.to_string()),
                user_agent: client.user_agent.as_deref().map(str::to_owned),
                request_id: client.request_id.clone(),
            };
            Ok(Arc::new(guest) as edge::Caller)
        })
    }

    fn execute<'a>(&'a self, request: Request, caller: &'a edge::Caller) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            let mut request = request;
            if let Some(key) = request.data.get(&std::any::TypeId::of::<IdempotencyToken>())
                && let Some(token) = key.downcast_ref::<IdempotencyToken>()
                && let Some(key) = token.0.downcast_ref::<Key>()
            {
                let asking = Guest::of(&key.caller).asking(request.operation_name.clone());
                if let Some(scope) = &asking.scope {
                    scope.claim_idempotency(key.claim.clone()).await;
                    let _ = key.scope.set(scope.clone());
                }
                request.data.insert(asking);
            }
            let mut response = self.schema.execute(request).await;
            error::say_in(Guest::of(caller).locale(), &mut response);
            response
        })
    }

    fn subscribe(&self, request: Request, caller: &edge::Caller) -> BoxStream<'static, Payload> {
        let (schema, locale) = (self.schema.clone(), Guest::of(caller).locale());
        let said = move |mut response| {
            error::say_in(locale, &mut response);
            Payload::from(response)
        };
        schema.execute_stream(request).map(said).boxed()
    }

    fn still_valid<'a>(&'a self, caller: &'a edge::Caller) -> BoxFuture<'a, Standing> {
        Box::pin(async move {
            let guest = Guest::of(caller);
            let Some(token) = &guest.token else { return Standing::Good };
            match identity::authenticate_again(&self.app, token).await {
                Ok(Some(now)) if guest.is_still(now.clone()) => Standing::Good,
                Ok(Some(_)) => Standing::Revoked,
                Ok(None) => Standing::Ended,
                // A database that is away for a moment is no reason to cut anybody off.
                Err(_) => Standing::Good,
            }
        })
    }

    fn charge<'a>(&'a self, caller: &'a edge::Caller, client: &'a Client, due: Due) -> BoxFuture<'a, Charge> {
        Box::pin(async move {
            let bucket = match &Guest::of(caller).caller {
                Some(caller) if !due.at_the_door => Bucket::User(caller.user.0),
                _ => Bucket::address(client.ip),
            };
            let now = self.app.now();
            if due.units == 0 {
                let known = self.app.limiter().look(bucket, now);
                return known.map_or(Charge::Unlimited, |allowance| Charge::Granted(state(&allowance, now)));
            }
            match self.app.limiter().take(bucket, due.units, now).await {
                Taken::Unlimited => Charge::Unlimited,
                Taken::Granted(allowance) => Charge::Granted(state(&allowance, now)),
                Taken::Refused { wait, allowance } => {
                    if let Bucket::User(user) = bucket {
                        security_events::requests_refused(&self.app, Guest::of(caller).asked(None), UserId(user));
                    }
                    Charge::Refused { retry_after: wait, state: state(&allowance, now) }
                }
            }
        })
    }

    fn allowance(&self, client: &Client) -> Option<RateState> {
        let now = self.app.now();
        self.app.limiter().look(Bucket::address(client.ip), now).map(|allowance| state(&allowance, now))
    }

    /// A key that is taken keeps the mutation from writing anything, so nobody looks before: most keys are new.
    fn idempotency_begin<'a>(&'a self, caller: &'a edge::Caller, key: &'a str, fingerprint: [u8; 32]) -> BoxFuture<'a, Idempotency> {
        let alone = Guest::of(caller).caller.as_ref().is_some_and(|caller| caller.member.is_none());
        if alone {
            let why = "`Idempotency-Key` is kept by an organisation, and this account acts in none.";
            return Box::pin(std::future::ready(Idempotency::Refused(why)));
        }
        let claim = Claim { key: key.to_owned(), fingerprint };
        let key = Key { claim, caller: caller.clone(), scope: OnceLock::new() };
        Box::pin(std::future::ready(Idempotency::Fresh(IdempotencyToken(Arc::new(key)))))
    }

    fn idempotency_finish<'a>(&'a self, token: IdempotencyToken, answer: Option<Vec<u8>>) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(async move {
            let key = token.0.downcast_ref::<Key>()?;
            let scope = key.scope.get()?;
            if scope.claimed_idempotency().await.is_some() {
                return seen(idempotency::look(scope, &key.claim).await);
            }
            match answer.and_then(|bytes| String::from_utf8(bytes).ok()) {
                Some(answer) => idempotency::answer(scope, &key.claim, answer),
                None => idempotency::lose(scope, &key.claim),
            }
            None
        })
    }

    fn lookup_document(&self, sha256: &[u8; 32]) -> Option<Arc<str>> {
        self.documents.get(sha256).cloned()
    }
}

fn state(allowance: &Allowance, now: Timestamp) -> RateState {
    let now = UNIX_EPOCH + Duration::from_micros(u64::try_from(now.0).unwrap_or(0));
    RateState {
        policy: allowance.kind,
        limit: allowance.quota.hourly(),
        remaining: allowance.remaining,
        window: Duration::from_secs(3_600),
        reset_in: allowance.whole_in,
        reset_at: now + allowance.whole_in,
    }
}

/// What is to be answered to a call that wrote nothing under its key.
fn seen(known: services::Result<Known>) -> Option<Seen> {
    match known {
        Ok(Known::Fresh) => None,
        Ok(Known::Answered(answer)) => Some(Seen::Replay(answer.into_bytes())),
        Ok(Known::Mismatch) => Some(Seen::Mismatch),
        Ok(Known::Running) | Err(Error::Conflict) => Some(Seen::Running),
        Ok(Known::Done) => Some(Seen::Done),
        Err(error) => {
            tracing::error!(%error, "could not look an idempotency key up");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use services::testing::Fixture;

    fn likeness(app: &App, caller: &Caller, header: Option<Locale>, readers: Readers) -> Option<[u8; 32]> {
        Guest {
            app: app.clone(),
            token: None,
            caller: Some(caller.clone()),
            header,
            address: None,
            user_agent: None,
            request_id: "test".into(),
        }
        .likeness(readers)
    }

    #[tokio::test]
    async fn only_those_who_may_see_the_same_are_alike() {
        let fixture = Fixture::new().await;
        let (app, owner) = (&fixture.app, fixture.caller.clone());
        let (_, stranger) = fixture.stranger().await;
        let like = |caller: &Caller, readers| likeness(app, caller, None, readers);
        let other_person = Caller { user: stranger.user, ..owner.clone() };
        assert_eq!(like(&owner, Readers::All), like(&other_person, Readers::All));
        assert_ne!(like(&owner, Readers::OnePerson), like(&other_person, Readers::OnePerson));
        assert_ne!(like(&owner, Readers::All), like(&stranger, Readers::All), "another organisation");
        assert_ne!(like(&owner, Readers::All), likeness(app, &owner, Some(Locale::En), Readers::All), "another language");
        let employee = |user| Caller { user, grants: Arc::new(identity::ShippedRole::Employee.grants()), ..owner.clone() };
        assert_ne!(like(&owner, Readers::All), like(&employee(owner.user), Readers::All), "other rights");
        let alone = Caller { member: None, ..owner.clone() };
        assert_eq!(like(&alone, Readers::All), None);
        let blind = |user| {
            let mut grants = services::identity::Grants::default();
            grants.add(Permission::AlertsStockAlertRead, Reach::Org);
            Caller { user, grants: Arc::new(grants), ..owner.clone() }
        };
        assert_ne!(like(&blind(owner.user), Readers::All), like(&blind(stranger.user), Readers::All), "each sees themselves alone");
    }
}
