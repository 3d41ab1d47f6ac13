//! What people are asked, and what they agree to.
//!
//! A client belongs to an organisation and serves its members: it acts as that membership. Agreed to is what was asked for, as far as
//! the client may have it and the person has it themselves at that moment; from then on it only narrows. What was agreed to is
//! remembered for clients that have a secret, for 90 days; anybody can say to be one that has none, so of those it is asked each time
//! (RFC 6749 section 10.2, RFC 8252 section 8.6).

use super::codes;
use super::held::hash_of;
use super::request::{Prompt, Request};
use crate::audit::NewAudit;
use crate::identity::policies::{self, Policies};
use crate::identity::roles::Rights;
use crate::identity::standing::ActingMember;
use crate::identity::{Caller, Permission};
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::scope::{DoorwayTx, TenantTx};
use crate::{Actor, Code, Doorway, Error, Reads, Result, Scope, Timestamp, sql};
use chrono::TimeDelta;
use entities::identity::oauth_grant::GrantKind;
use entities::identity::{oauth_code, oauth_consent, oauth_grant};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use std::sync::Arc;

/// How long what a person agreed to lasts, however often its tokens are renewed (ASVS 10.4.8).
pub(super) const LIFE: TimeDelta = TimeDelta::days(90);

/// What a person is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// What the client will be able to do.
    pub granted: Vec<Permission>,
    /// What it asks for, and the person may not do themselves.
    pub withheld: Vec<Permission>,
    /// Until when what they agreed to before lasts, where it is all of this.
    remembered: Option<Timestamp>,
}

impl Question {
    /// Whether the person has to be asked.
    pub fn is_open(&self) -> bool {
        self.remembered.is_none()
    }
}

/// What the person is asked for this request; refused where they are no member of the client's organisation, or may not come in.
pub async fn question(doorway: &Doorway, caller: &Caller, request: &Request) -> Result<Question> {
    let tx = doorway.read().await?;
    let member = member(&tx, doorway, caller, request).await?;
    let rights = member.rights();
    let (granted, withheld): (Vec<_>, Vec<_>) = request.scopes.iter().partition(|scope| rights.allow(**scope));
    let remembered = match request.confidential && request.prompt != Prompt::Consent && !granted.is_empty() {
        true => remembered(&tx, doorway, &member, request, &granted).await?,
        false => None,
    };
    Ok(Question { granted, withheld, remembered })
}

async fn member(tx: &DoorwayTx, doorway: &Doorway, caller: &Caller, request: &Request) -> Result<ActingMember> {
    caller.session()?;
    let found = tx.statement(sql!("member.sql")).bind("tenant", request.tenant).bind("user", caller.user).one::<ActingMember>().await?;
    let words = [("organization", request.organization.clone())];
    let stranger = || Error::refuse(Code::ForbiddenState, "", doorway.locale().say("oauth-page-no-member", &words));
    let member = found.ok_or_else(stranger)?;
    policies::check_entry(tx, doorway, caller.user, &Policies::of_text(&member.policies)).await?;
    Ok(member)
}

#[derive(sea_orm::FromQueryResult)]
struct Agreed {
    scopes: String,
    expires_at: Timestamp,
}

/// Until when the person agreed to all of this at once, where they did.
async fn remembered(
    tx: &DoorwayTx,
    doorway: &Doorway,
    member: &ActingMember,
    request: &Request,
    granted: &[Permission],
) -> Result<Option<Timestamp>> {
    let agreed = tx.statement(sql!("agreed.sql")).bind("tenant", request.tenant).bind("client", request.client);
    let agreed: Vec<Agreed> = agreed.bind("membership", member.membership_id).bind("now", doorway.now()).all().await?;
    let whole = |agreed: &&Agreed| granted.iter().all(|scope| agreed.scopes.split(' ').any(|code| code == scope.code()));
    Ok(agreed.iter().find(whole).map(|agreed| agreed.expires_at))
}

/// Lets the client act for the person as they were asked, and answers the code it is to be given.
pub async fn allow(doorway: &Doorway, caller: &Caller, request: &Request, question: &Question) -> Result<String> {
    let tx = doorway.begin().await?;
    let member = member(&tx, doorway, caller, request).await?;
    let actor = Actor::Member { user: caller.user, membership: member.membership_id };
    let scope = Scope::new(doorway.app().clone(), actor, request.tenant, Arc::new(member.rights()), doorway.locale());
    if let Some(asked) = doorway.asked() {
        scope.asked_in(asked.clone());
    }
    let txn = tx.enter(&scope).await?;
    // Nobody suspends them, or takes a role, before the commit.
    let rights = Rights::hold_for(&txn, actor).await?;
    let granted: Vec<Permission> = question.granted.iter().copied().filter(|scope| rights.allow(*scope)).collect();
    if granted.is_empty() {
        return Err(Error::refuse(Code::ForbiddenState, "", txn.locale().say("oauth-page-nothing", &[])));
    }
    let code = write(&txn, request, &granted, question.remembered).await?;
    if question.is_open() {
        tell(&txn, request).await?;
    }
    txn.commit().await?;
    Ok(code)
}

/// Writes the grant, and the code that stands for it.
async fn write(txn: &TenantTx<'_>, request: &Request, granted: &[Permission], remembered: Option<Timestamp>) -> Result<String> {
    let (consent, now) = (consent(txn, request).await?, txn.now());
    let codes: Vec<&str> = granted.iter().map(|scope| scope.code()).collect();
    let grant = oauth_grant::ActiveModel {
        id: Set(txn.new_id()),
        client_id: Set(request.client),
        membership_id: Set(consent.membership_id),
        scopes: Set(codes.join(" ")),
        created_at: Set(now),
        expires_at: Set(remembered.unwrap_or_else(|| now.plus(LIFE))),
        revoked_at: Set(None),
        kind: Set(GrantKind::Code),
        consent_id: Set(Some(consent.id)),
        last_used_at: Set(None),
        ..Default::default()
    };
    let grant = txn.insert(grant).await?;
    let code = codes::new(txn.app().random());
    let row = oauth_code::ActiveModel {
        id: Set(txn.new_id()),
        grant_id: Set(grant.id),
        code_hash: Set(hash_of(&code)),
        redirect_uri: Set(request.back.uri.clone()),
        challenge: Set(request.challenge.clone()),
        created_at: Set(now),
        expires_at: Set(now.plus(codes::LIFE)),
        used_at: Set(None),
        ..Default::default()
    };
    txn.insert(row).await?;
    let act = NewAudit::of("identity.oauth_grant.allow").on("OauthClient", request.client).with("scopes", codes);
    txn.audit(act.with("remembered", remembered.is_some()).with("redirectUri", request.back.uri.as_str()));
    Ok(code)
}

/// One for a member and a client, however often they agree.
async fn consent(txn: &TenantTx<'_>, request: &Request) -> Result<oauth_consent::Model> {
    let me = txn.membership().ok_or(Error::Unauthenticated)?;
    let mine = txn.select::<oauth_consent::Entity>().filter(oauth_consent::Column::MembershipId.eq(me));
    if let Some(known) = mine.filter(oauth_consent::Column::ClientId.eq(request.client)).one().await? {
        return Ok(known);
    }
    let row = oauth_consent::ActiveModel {
        id: Set(txn.new_id()),
        client_id: Set(request.client),
        membership_id: Set(me),
        created_at: Set(txn.now()),
        ..Default::default()
    };
    txn.insert(row).await
}

/// Whoever sat down at an open session let a program in: its person is told.
async fn tell(txn: &TenantTx<'_>, request: &Request) -> Result<()> {
    let new = NewNotification {
        to: vec![txn.membership().ok_or(Error::Unauthenticated)?],
        category: Category::Security,
        severity: Severity::Warning,
        key: "oauth-app-allowed",
        params: serde_json::json!({ "name": request.client_name, "at": txn.now().to_utc().to_rfc3339() }),
        subject: None,
        channels: vec![Channel::InApp, Channel::Email],
        dedup_key: None,
    };
    notify(txn, new).await
}
