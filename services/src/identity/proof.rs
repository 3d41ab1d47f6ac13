//! Proving anew who one is, before what is sensitive.

use super::{Caller, second_factor};
use crate::audit::NewAudit;
use crate::{Code, Doorway, Error, Result, Scope, sql};
use chrono::TimeDelta;
use entities::identity::user;

/// How long a proof lasts.
pub(crate) const LASTS: TimeDelta = TimeDelta::minutes(5);

/// Refuses a person who has not proved for a while who they are.
pub(super) fn recent(doorway: &Doorway, caller: &Caller) -> Result<()> {
    caller.session()?;
    let here = doorway.caller().and_then(Scope::proved_at).unwrap_or(caller.proved_at);
    match doorway.now().since(here.max(caller.proved_at)) > LASTS {
        true => Err(Error::refuse(Code::ProofRequired, "", doorway.locale().say("proof-required", &[]))),
        false => Ok(()),
    }
}

/// Proves who one is, for this session: by the password, and a code where there is a second factor.
pub async fn prove(doorway: &Doorway, caller: &Caller, password: String, code: Option<&str>) -> Result<()> {
    let session = caller.session()?;
    let known = super::users::knowing_password(doorway, caller, password).await?;
    let mut tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if user.password_hash != known.password_hash {
        return Err(Error::Conflict);
    }
    if second_factor::is_on(&tx, user.id).await? {
        let wanted = || Error::refuse(Code::Required, "code", doorway.locale().say("second-factor-wanted", &[]));
        tx = second_factor::shown(tx, doorway, &user, code.ok_or_else(wanted)?).await?;
    }
    let prove = tx.statement(sql!("prove.sql")).bind("session", session).bind("now", doorway.now());
    prove.run().await?;
    tx.audit(caller.tenant(), Some(caller.user), NewAudit::of("identity.session.prove").on("DeviceSession", session));
    tx.commit().await?;
    doorway.app().standings().forget();
    // What follows in the same document has the proof, too.
    doorway.caller().iter().for_each(|scope| scope.proved(doorway.now()));
    Ok(())
}
