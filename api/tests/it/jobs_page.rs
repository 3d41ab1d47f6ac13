//! The operators' page, as a browser sees it.

use reqwest::header::{CONTENT_SECURITY_POLICY, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, redirect::Policy};
use services::testing::{self, FakeIssuer, Fixture, Visitor};
use services::work::{Claimer, Outcome, settle};
use services::{Doorway, SystemScope};
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "baobab et tamarin";

/// A served installation with one dead job, its operator, and a browser.
struct Site {
    fixture: Fixture,
    address: String,
    browser: Client,
    stop: CancellationToken,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Site {
    async fn new() -> Self {
        Self::of(Fixture::new().await).await
    }

    async fn of(fixture: Fixture) -> Self {
        let app = &fixture.app;
        services::identity::create_operator(&Doorway::new(app, Default::default()), "op@teranga.example", "Op", Some(PASSWORD.into()))
            .await
            .unwrap();
        services::alerts::evaluate::request(&fixture.scope, false).await.unwrap();
        let job = Claimer::new(app, "default").claim(1).await.unwrap().remove(0);
        let end = ((job.id, job.lease_token.unwrap()), Outcome::Dead("<script>alert(1)</script>".into()));
        settle(&SystemScope::new(app), &[end]).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(api::server::serve(app.clone(), listener, api::server::Beside::default(), stop.clone()));
        let browser = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { fixture, address, browser, stop }
    }

    async fn get(&self, cookie: &str, language: &str) -> Response {
        let request = self.browser.get(format!("{}/jobs", self.address)).header(COOKIE, cookie);
        request.header("accept-language", language).send().await.unwrap()
    }

    async fn post(&self, path: &str, cookie: &str, site: &str, form: &[(&str, &str)]) -> Response {
        let request = self.browser.post(format!("{}{path}", self.address)).header(COOKIE, cookie).header("sec-fetch-site", site);
        request.form(form).send().await.unwrap()
    }

    async fn sign_in(&self, email: &str, password: &str) -> Response {
        self.post("/jobs/sign-in", "", "same-origin", &[("email", email), ("password", password)]).await
    }

    async fn cookie(&self) -> String {
        let signed_in = self.sign_in("op@teranga.example", PASSWORD).await;
        assert_eq!(signed_in.status(), 303);
        let cookie = signed_in.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Strict", "Path=/jobs"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        cookie.split(';').next().unwrap().to_owned()
    }
}

fn value<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn shows_nothing_but_the_door_to_who_is_no_operator() {
    let site = Site::new().await;
    let door = site.get("", "en").await;
    assert_eq!(door.status(), 401);
    let policy = door.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let page = door.text().await.unwrap();
    assert!(page.contains("Background jobs") && !page.contains("alerts.evaluate"));
    assert_eq!(site.sign_in("op@teranga.example", "wrong").await.status(), 401);
    let (_, caller) = testing::organization(&site.fixture.app, "Chez Modou").await;
    assert!(!caller.operator);
    assert_eq!(site.get("teranga_jobs=forged", "fr").await.status(), 401);
    assert_eq!(
        site.post("/jobs/sign-in", "", "cross-site", &[("email", "op@teranga.example"), ("password", PASSWORD)]).await.status(),
        403
    );
}

#[tokio::test]
async fn retries_and_pauses_by_forms_that_only_this_page_can_send() {
    let site = Site::new().await;
    let cookie = site.cookie().await;
    let page = site.get(&cookie, "fr-SN,fr").await.text().await.unwrap();
    assert!(page.contains("Tâches de fond") && page.contains("alerts.evaluate") && page.contains("stock-alerts"));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "what a job says is text");
    let (token, job) = (value(&page, "token"), value(&page, "job"));

    let forged = [("act", "retry"), ("job", job), ("token", "x")];
    assert_eq!(site.post("/jobs/act", &cookie, "same-origin", &forged).await.status(), 403);
    let retry = [("act", "retry"), ("job", job), ("token", token)];
    assert_eq!(site.post("/jobs/act", &cookie, "cross-site", &retry).await.status(), 403);
    let done = site.post("/jobs/act", &cookie, "same-origin", &retry).await;
    assert_eq!((done.status().as_u16(), done.headers()[LOCATION].to_str().unwrap()), (303, "/jobs?show=failed&said=retried"));
    assert_eq!(Claimer::new(&site.fixture.app, "default").claim(5).await.unwrap().len(), 1, "it waits again");

    let pause = [("act", "pause"), ("queue", "default"), ("token", token)];
    assert_eq!(site.post("/jobs/act", &cookie, "same-origin", &pause).await.status(), 303);
    let page_now = site.get(&cookie, "en").await.text().await.unwrap();
    assert!(page_now.contains("Paused"));
    assert!(page_now.contains("work.queue.pause") && page_now.contains("<p class=\"dim\">Op · "), "who did it is there: {page_now}");

    let limited = async |most: &str| {
        let limit = [("act", "limit"), ("queue", "default"), ("most", most), ("token", token)];
        let answer = site.post("/jobs/act", &cookie, "same-origin", &limit).await;
        let said = answer.headers()[LOCATION].to_str().unwrap().rsplit('=').next().unwrap().to_owned();
        (said, site.get(&cookie, "fr").await.text().await.unwrap().contains("max=\"1000\" value=\"7\""))
    };
    assert_eq!(limited("7").await, ("limited".to_owned(), true));
    for wrong in ["0", "1001", "sept"] {
        assert_eq!(limited(wrong).await, ("refused".to_owned(), true), "{wrong} changes nothing");
    }
    assert_eq!(limited("").await, ("limited".to_owned(), false), "nothing is no limit");

    assert_eq!(site.post("/jobs/sign-out", &cookie, "same-origin", &[("token", token)]).await.status(), 303);
    assert_eq!(site.get(&cookie, "en").await.status(), 401, "the session is over, not only the cookie");
}

#[tokio::test]
async fn an_operator_with_a_second_factor_gives_a_code_too() {
    use services::identity::{authenticate, second_factor, sessions};
    let site = Site::new().await;
    let doorway = Doorway::new(&site.fixture.app, Default::default());
    let session = sessions::sign_in(&doorway, "op@teranga.example", PASSWORD.into(), None, None).await.unwrap().session().unwrap();
    let me = authenticate(&site.fixture.app, &session.access_token).await.unwrap().unwrap();
    let begun = second_factor::begin(&doorway, &me, PASSWORD.into()).await.unwrap();
    let app = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(&begun.secret).unwrap()).build().unwrap();
    let now = u64::try_from(site.fixture.app.now().0 / 1_000_000).unwrap();
    let codes = second_factor::confirm(&doorway, &me, &app.generate(now).to_string()).await.unwrap();

    let alone = site.sign_in("op@teranga.example", PASSWORD).await;
    assert_eq!(alone.status(), 401);
    assert!(alone.text().await.unwrap().contains("un code de secours"), "it says what is wanted");
    let with = |code: &str| {
        let form = [("email", "op@teranga.example"), ("password", PASSWORD), ("code", code)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = site.browser.post(format!("{}/jobs/sign-in", site.address)).header("sec-fetch-site", "same-origin");
        request.form(&form).send()
    };
    assert_eq!(with("000000").await.unwrap().status(), 401);
    assert_eq!(with(&codes[0]).await.unwrap().status(), 303);
}

/// The cookie of this name that an answer sets, as a browser sends it back.
fn set(answer: &Response, name: &str) -> Option<String> {
    let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.filter_map(|cookie| cookie.split(';').next()).filter(|cookie| !cookie.ends_with('='));
    cookies.find(|cookie| cookie.starts_with(&format!("{name}="))).map(str::to_owned)
}

#[tokio::test]
async fn an_operator_comes_in_with_another_issuer_and_a_stranger_does_not() {
    let issuer = FakeIssuer::start().await;
    issuer.at(testing::START.0 / 1_000_000);
    let vars = issuer.settings();
    let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let site = Site::of(Fixture::with(&vars).await).await;
    assert!(site.get("", "fr").await.text().await.unwrap().contains("Continuer avec Lycée Lamine Guèye"));
    testing::confirm_address(&site.fixture.app, "op@teranga.example").await;
    let trip = |email: &'static str, path: &'static str| {
        let (site, issuer) = (&site, &issuer);
        async move {
            let ask = |path: &str, cookie: &str| site.browser.get(format!("{}{path}", site.address)).header(COOKIE, cookie).send();
            let away = ask("/jobs/with?provider=lycee", "").await.unwrap();
            assert_eq!(away.status(), 303);
            let trip = set(&away, "teranga_trip").unwrap();
            let back = issuer.visit(away.headers()[LOCATION].to_str().unwrap(), Visitor::new(email, email)).await;
            let query = format!("{path}?code={}&state={}&iss={}", back["code"], back["state"], back["iss"]);
            (ask(&query, &trip).await.unwrap(), ask(&query, "").await.unwrap())
        }
    };
    let (mine, elsewhere) = trip("op@teranga.example", "/jobs/with/back").await;
    assert_eq!(mine.status(), 200);
    let cookie = set(&mine, "teranga_jobs").unwrap();
    assert!(mine.text().await.unwrap().contains("http-equiv=\"refresh\""));
    assert_eq!(site.get(&cookie, "fr").await.status(), 200);
    assert_eq!((elsewhere.status().as_u16(), set(&elsewhere, "teranga_jobs")), (401, None), "in another browser it is no trip");
    let (stranger, _) = trip("modou@lycee.sn", "/jobs/with/back").await;
    assert_eq!((stranger.status().as_u16(), set(&stranger, "teranga_jobs")), (403, None));
    let unknown = site.browser.get(format!("{}/jobs/with?provider=%3Cscript%3E", site.address)).send().await.unwrap();
    assert_eq!(unknown.status(), 401);
}
