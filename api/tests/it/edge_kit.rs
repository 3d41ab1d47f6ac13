//! A toy engine on a real server, and a client for each of its doors.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use api::edge::{
    AuthFailure, Caller, Charge, Client, DocumentHash, Due, Edge, Engine, Idempotency, IdempotencyToken, Identity, Pages, Payload,
    Position, RateState, Readers, Routes, Seen, Settings, Standing, likeness, serve,
};
use async_graphql::connection::{Connection, Edge as Row, EmptyFields};
use async_graphql::{Context, Error, ErrorExtensions, ID, InputObject, Object, Request, Response, Schema, Subscription};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use services::locale::Locale;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub struct Query;

/// Something with two fields.
#[derive(async_graphql::SimpleObject, Clone)]
#[graphql(complex)]
pub struct Thing {
    id: ID,
    name: String,
}

#[async_graphql::ComplexObject]
impl Thing {
    async fn slow(&self) -> &str {
        tokio::time::sleep(Duration::from_millis(20)).await;
        "slow"
    }
    async fn quick(&self) -> &str {
        "quick"
    }
    async fn parent(&self) -> Option<Thing> {
        Some(thing(0))
    }
    async fn things(&self, first: Option<i32>, last: Option<i32>) -> Connection<usize, Thing> {
        page(first.or(last).unwrap_or(50))
    }
}

#[derive(InputObject)]
pub struct Filter {
    name: Option<String>,
    size: Option<i32>,
    and: Option<Vec<Filter>>,
}

impl Query {
    fn hello_is_a_secret(&self) -> bool {
        true
    }
}

fn thing(number: usize) -> Thing {
    Thing { id: number.into(), name: format!("thing {number}") }
}

fn page(size: i32) -> Connection<usize, Thing> {
    let mut connection = Connection::with_additional_fields(false, false, EmptyFields);
    let rows = (0..usize::try_from(size.clamp(0, 3)).unwrap_or(0)).map(|number| Row::new(number, thing(number)));
    connection.edges.extend(rows);
    connection
}

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_else(|| "world".into()))
    }
    async fn me(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_opt::<String>().cloned()
    }
    async fn thing(&self, id: ID) -> Option<Thing> {
        id.parse().ok().map(thing)
    }
    async fn things(&self, first: Option<i32>, last: Option<i32>, filter: Option<Filter>) -> Connection<usize, Thing> {
        let _ = filter.map(|filter| (filter.name, filter.size, filter.and.map(|list| list.len())));
        page(first.or(last).unwrap_or(50))
    }
    async fn nodes(&self, ids: Vec<ID>) -> Vec<Option<Thing>> {
        ids.iter().map(|id| id.parse().ok().map(thing)).collect()
    }
    async fn flag(&self, yes: bool) -> bool {
        yes
    }
    async fn panics(&self) -> Option<i32> {
        if self.hello_is_a_secret() {
            panic!("a secret of the house")
        }
        None
    }
    async fn leaks(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("relation \"users\" does not exist")))
    }
    async fn spills(&self, text: String) -> Option<Result<i32, Error>> {
        Some(Err(Error::new(format!("could not keep it: {text}"))))
    }
    async fn forbidden(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("Not for you.").extend_with(|_, values| values.set("code", "FORBIDDEN"))))
    }
    async fn sleeps(&self) -> bool {
        tokio::time::sleep(Duration::from_secs(60)).await;
        true
    }
    async fn large(&self, bytes: i32) -> String {
        "a".repeat(bytes.try_into().unwrap_or(0))
    }
    async fn slow(&self) -> &str {
        tokio::time::sleep(Duration::from_millis(20)).await;
        "slow"
    }
    async fn hashed(&self, ctx: &Context<'_>) -> bool {
        ctx.data_opt::<DocumentHash>().is_some() && ctx.data_opt::<Arc<Client>>().is_some()
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn count(&self, ctx: &Context<'_>, by: Option<i32>) -> u64 {
        ctx.data_unchecked::<Arc<AtomicU64>>().fetch_add(by.unwrap_or(1) as u64, Ordering::SeqCst) + 1
    }
    async fn sign_in(&self) -> String {
        "token".into()
    }
    async fn dawdle(&self, ctx: &Context<'_>) -> u64 {
        let count = ctx.data_unchecked::<Arc<AtomicU64>>().fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(Duration::from_secs(60)).await;
        count
    }
}

pub struct Feed;

#[Subscription]
impl Feed {
    async fn ticks(&self, count: i32) -> impl Stream<Item = i32> + use<> {
        stream::iter(0..count)
    }
    /// Numbers as they are published, after the cursor or from now on.
    async fn news(&self, ctx: &Context<'_>, after: Option<String>, topic: Option<String>) -> impl Stream<Item = i64> + use<> {
        let _ = topic;
        let published = ctx.data_unchecked::<watch::Sender<i64>>().subscribe();
        let position = ctx.data_opt::<Arc<Position>>().cloned();
        let resumed = position.as_ref().and_then(|position| position.resumed());
        let last = resumed.unwrap_or_else(|| after.map_or(*published.borrow(), |text| text.parse().expect("a number")));
        if let Some(position) = &position {
            let news = ctx.data_unchecked::<watch::Sender<i64>>().clone();
            position.starts_after(last);
            if !ctx.data_unchecked::<Restless>().0 {
                position.can_rest(move |last| {
                    let mut published = news.subscribe();
                    Box::pin(async move { drop(published.wait_for(|newest| *newest > last).await) })
                });
            }
        }
        stream::unfold((published, last, position), |(mut published, last, position)| async move {
            published.wait_for(|newest| *newest > last).await.ok()?;
            position.iter().for_each(|position| position.comes_to(last + 1));
            Some((last + 1, (published, last + 1, position)))
        })
    }
    async fn idle(&self) -> impl Stream<Item = i32> + use<> {
        stream::pending()
    }
    async fn things(&self) -> impl Stream<Item = Thing> + use<> {
        stream::iter([thing(1)]).chain(stream::pending())
    }
    async fn flood(&self, bytes: i32) -> impl Stream<Item = String> + use<> {
        stream::repeat("x".repeat(bytes.try_into().unwrap_or(0)))
    }
    async fn refuses(&self) -> Result<BoxStream<'static, i32>, Error> {
        Err(Error::new("too old").extend_with(|_, values| values.set("code", "CURSOR_EXPIRED")))
    }
    async fn stumbles(&self) -> impl Stream<Item = Result<i32, Error>> + use<> {
        stream::iter([Ok(1), Err(Error::new("a secret")), Ok(3)])
    }
    async fn panics(&self) -> impl Stream<Item = i32> + use<> {
        stream::iter(0..2).map(|number| if number == 1 { panic!("a secret") } else { number })
    }
}

/// Who the toy engine knows: `good`, `operator`, and `brief`, whose token ends soon.
pub struct Person {
    name: Option<String>,
    count: Arc<AtomicU64>,
    news: watch::Sender<i64>,
    restless: Restless,
    ends: Option<Instant>,
}

/// Whether a subscription to the news is kept while nothing happens, so that its executions can be counted.
#[derive(Clone, Copy)]
struct Restless(bool);

impl Identity for Person {
    fn attach(&self, request: &mut Request) {
        request.data.insert(self.count.clone());
        request.data.insert(self.news.clone());
        request.data.insert(self.restless);
        if let Some(name) = &self.name {
            request.data.insert(name.clone());
        }
    }
    fn key(&self) -> Option<u128> {
        self.name.as_ref().map(|name| name.len() as u128)
    }
    fn expires_at(&self) -> Option<Instant> {
        self.ends
    }
    fn signed_in(&self) -> bool {
        self.name.is_some()
    }
    fn locale(&self) -> Option<Locale> {
        (self.name.as_deref() == Some("operator")).then_some(Locale::Wo)
    }
    fn likeness(&self, readers: Readers) -> Option<[u8; 32]> {
        let name = self.name.as_deref()?;
        Some(likeness([if readers == Readers::OnePerson { name } else { "all" }.as_bytes()]))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

type Kept = HashMap<String, ([u8; 32], Option<Vec<u8>>)>;

/// The engine; its switches are set by the tests.
#[derive(Default)]
pub struct Toy {
    schema: Option<Schema<Query, Mutation, Feed>>,
    pub count: Arc<AtomicU64>,
    pub news: watch::Sender<i64>,
    pub executed: AtomicUsize,
    pub bucket: Mutex<Option<u64>>,
    /// Whether what was charged last let somebody in.
    pub at_the_door: Mutex<bool>,
    pub standing: Mutex<Option<Standing>>,
    pub unavailable: AtomicBool,
    pub restless: AtomicBool,
    kept: Mutex<Kept>,
}

impl Toy {
    pub fn new() -> Toy {
        Toy { schema: Some(Schema::build(Query, Mutation, Feed).finish()), ..Toy::default() }
    }
    fn schema(&self) -> &Schema<Query, Mutation, Feed> {
        self.schema.as_ref().expect("built by new")
    }
}

impl Engine for Toy {
    fn sdl(&self) -> String {
        self.schema().sdl()
    }

    fn authenticate<'a>(&'a self, bearer: Option<&'a str>, _: &'a Client) -> BoxFuture<'a, Result<Caller, AuthFailure>> {
        let ends = (bearer == Some("brief")).then(|| Instant::now() + Duration::from_millis(200));
        let person = |name: Option<&str>| {
            let (name, count, news) = (name.map(str::to_owned), self.count.clone(), self.news.clone());
            let restless = Restless(self.restless.load(Ordering::SeqCst));
            Ok(Arc::new(Person { name, count, news, restless, ends }) as Caller)
        };
        let outcome = match bearer {
            _ if self.unavailable.load(Ordering::SeqCst) => Err(AuthFailure::Unavailable),
            None => person(None),
            Some("good" | "brief" | "operator") => person(bearer),
            Some("banned") => Err(AuthFailure::Forbidden),
            Some(_) => Err(AuthFailure::Unauthenticated),
        };
        Box::pin(std::future::ready(outcome))
    }

    fn execute<'a>(&'a self, request: Request, _: &'a Caller) -> BoxFuture<'a, Response> {
        self.executed.fetch_add(1, Ordering::SeqCst);
        Box::pin(self.schema().execute(request))
    }

    fn subscribe(&self, request: Request, _: &Caller) -> BoxStream<'static, Payload> {
        self.executed.fetch_add(1, Ordering::SeqCst);
        self.schema().execute_stream(request).map(Payload::from).boxed()
    }

    fn still_valid<'a>(&'a self, _: &'a Caller) -> BoxFuture<'a, Standing> {
        let standing = self.standing.lock().unwrap().unwrap_or(Standing::Good);
        Box::pin(std::future::ready(standing))
    }

    fn charge<'a>(&'a self, _: &'a Caller, _: &'a Client, due: Due) -> BoxFuture<'a, Charge> {
        let units = due.units;
        *self.at_the_door.lock().unwrap() = due.at_the_door;
        let mut bucket = self.bucket.lock().unwrap();
        let charge = match bucket.as_mut() {
            None => Charge::Unlimited,
            Some(left) if *left >= units => {
                *left -= units;
                Charge::Granted(state(*left))
            }
            Some(left) => Charge::Refused { retry_after: Duration::from_secs(7), state: state(*left) },
        };
        Box::pin(std::future::ready(charge))
    }

    fn idempotency_begin<'a>(&'a self, _: &'a Caller, key: &'a str, print: [u8; 32]) -> BoxFuture<'a, Idempotency> {
        let mut kept = self.kept.lock().unwrap();
        let known = match kept.get(key) {
            Some((other, _)) if *other != print => Idempotency::Seen(Seen::Mismatch),
            Some((_, None)) => Idempotency::Seen(Seen::Running),
            Some((_, Some(answer))) => Idempotency::Seen(Seen::Replay(answer.clone())),
            None => Idempotency::Fresh(IdempotencyToken(Arc::new(key.to_owned()))),
        };
        kept.entry(key.to_owned()).or_insert((print, None));
        Box::pin(std::future::ready(known))
    }

    fn idempotency_finish<'a>(&'a self, token: IdempotencyToken, answer: Option<Vec<u8>>) -> BoxFuture<'a, Option<Seen>> {
        let key = token.0.downcast_ref::<String>().expect("our own token").clone();
        let mut kept = self.kept.lock().unwrap();
        match answer {
            Some(answer) => kept.get_mut(&key).expect("begun").1 = Some(answer),
            None => drop(kept.remove(&key)),
        }
        Box::pin(std::future::ready(None))
    }

    fn lookup_document(&self, sha256: &[u8; 32]) -> Option<Arc<str>> {
        (*sha256 == [0xAB; 32]).then(|| "query Kept { hello }".into())
    }
}

fn state(remaining: u64) -> RateState {
    let window = Duration::from_secs(60);
    RateState { policy: "toys", limit: 100, remaining, window, reset_in: window, reset_at: SystemTime::now() + window }
}

/// The figures of this process, whichever test asks first.
pub fn metrics() -> services::measuring::PrometheusHandle {
    static HANDLE: std::sync::OnceLock<services::measuring::PrometheusHandle> = std::sync::OnceLock::new();
    HANDLE.get_or_init(|| api::edge::metrics::install().expect("nobody else installs it")).clone()
}

/// A running server; it stops when it is dropped.
pub struct Server {
    pub address: std::net::SocketAddr,
    pub toy: Arc<Toy>,
    pub stop: CancellationToken,
    pub done: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Settings like those of a development machine, with short times.
pub fn settings() -> Settings {
    let mut settings = Settings {
        session_verbs: vec!["signIn".into()],
        doors: vec!["signIn".into()],
        origins: vec!["https://app.example".into()],
        environment: "test".into(),
        query_timeout: Duration::from_millis(300),
        mutation_timeout: Duration::from_millis(600),
        ..Settings::default()
    };
    settings.weights.insert("Mutation.signIn".into(), 60);
    settings
}

pub fn production() -> Settings {
    Settings { production: true, secure: true, ..settings() }
}

pub async fn start(settings: Settings) -> Server {
    start_with(settings, Pages::default()).await
}

pub async fn start_with(settings: Settings, pages: Pages) -> Server {
    let toy = Arc::new(Toy::new());
    let edge = Edge::new(toy.clone(), settings).expect("a good edge");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let stop = CancellationToken::new();
    let done = Some(tokio::spawn(serve(listener, Routes::new(edge, pages), stop.clone())));
    Server { address, toy, stop, done }
}

/// A client that takes the new media type.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or(""))
    }
}

impl Server {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn client(&self) -> reqwest::Client {
        reqwest::Client::new()
    }

    /// A query by POST, for the new media type.
    pub async fn ask(&self, query: &str) -> Answer {
        self.send(serde_json::json!({ "query": query })).await
    }

    pub async fn send(&self, body: serde_json::Value) -> Answer {
        self.post(&body.to_string(), &[("accept", "application/graphql-response+json")]).await
    }

    pub async fn post(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client().post(self.url("/graphql")).body(body.to_owned());
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        finish(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.client().get(self.url(path));
        finish(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }
}

pub async fn finish(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("text") }
}
