//! The person's answer.

use super::enter::{Sent, with_cookie};
use super::{Visit, allowed, asks_too_often, failed, judged, meet, refused, seat, to};
use crate::work::page::is_ours;
use poem::web::{Data, Form};
use poem::{Request, Response, handler};
use seat::Seat;
use services::App;
use services::identity::oauth::{self, Prompt, Request as Wanted};
use services::identity::sessions;
use std::collections::HashMap;

#[handler]
pub(super) async fn decide(app: Data<&App>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let sent = Sent(form);
    let visit = Visit::of(&app, request, sent.field("request"));
    let wanted = match judged(&visit).await {
        // Whoever has a form before them is asked.
        Ok(mut wanted) => {
            wanted.prompt = Prompt::Consent;
            wanted
        }
        Err(answer) => return answer,
    };
    let seat = match seat::of(&visit, request).await {
        Ok(Some(seat)) if is_ours(&app, request) => seat,
        Ok(_) => return meet(&visit, &wanted, None, Some(&visit.say("oauth-page-stale"))).await,
        Err(error) => return failed(&visit, &error),
    };
    if asks_too_often(&visit, &seat).await {
        return meet(&visit, &wanted, Some(seat), Some(&visit.say("oauth-page-too-many"))).await;
    }
    answer(&visit, &wanted, seat, &sent).await
}

async fn answer(visit: &Visit, wanted: &Wanted, seat: Seat, sent: &Sent) -> Response {
    let question = match oauth::question(&visit.doorway, &seat.caller, wanted).await {
        Ok(question) => question,
        Err(error) => return refused(visit, wanted, error),
    };
    match seat.is_right(visit, &question, &sent.field("token")) {
        Ok(true) => {}
        Ok(false) => return meet(visit, wanted, Some(seat), Some(&visit.say("oauth-page-stale"))).await,
        Err(error) => return failed(visit, &error),
    }
    match sent.field("act").as_str() {
        "allow" => allowed(visit, wanted, &seat, &question).await,
        "deny" => to(&wanted.back.with_error("access_denied", "the person said no")),
        _ => leave(visit, &seat).await,
    }
}

/// Somebody else is to be asked: the session of the page ends.
async fn leave(visit: &Visit, seat: &Seat) -> Response {
    match sessions::sign_out(&visit.doorway, &seat.caller, false, false).await {
        Ok(()) => with_cookie(to(&visit.begin()), &seat::no_cookie()),
        Err(error) => failed(visit, &error),
    }
}
