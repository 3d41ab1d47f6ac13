use crate::api::{Api, Process, text};
use crate::figures::movement::RECORD;
use crate::http::{self, Connection};
use crate::report::{Row, percentile};
use crate::sockets::Socket;
use crate::stage::{Stage, psql};
use crate::world::{S, World};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const SUBSCRIBERS: usize = 1_000;
const USERS: u64 = 20;
const EVENTS: usize = 40;
/// The first ones find nothing warm.
const WARM: usize = 5;

const LIVE: &str = "subscription($id: ID!) { stockLevelChanged(productId: $id) { cursor occurredAt
  stockLevel { id onHand } stockMovement { id kind quantity } } }";

/// Who listens, and a way to hear when each heard.
struct Crowd {
    heard: mpsc::UnboundedReceiver<Instant>,
    _tasks: JoinSet<()>,
}

impl Crowd {
    async fn gather(address: SocketAddr, tokens: &[String], product: &str) -> Result<Self> {
        let (tell, heard) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for n in 0..SUBSCRIBERS {
            let mut socket = Socket::subscribed(address, &tokens[n % tokens.len()], LIVE, json!({ "id": product })).await?;
            let tell = tell.clone();
            tasks.spawn(async move { while socket.hear().await.is_ok() && tell.send(Instant::now()).is_ok() {} });
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(Self { heard, _tasks: tasks })
    }

    /// Makes events one by one; answers the seconds from each to every ear, sorted.
    async fn hear(&mut self, address: SocketAddr, request: &[u8]) -> Result<Vec<f64>> {
        let mut connection = Connection::open(address).await?;
        let mut seconds = Vec::new();
        for event in 0..EVENTS {
            let began = Instant::now();
            connection.send(request).await?;
            for _ in 0..SUBSCRIBERS {
                let heard = tokio::time::timeout(Duration::from_secs(20), self.heard.recv()).await;
                let heard = heard.context("some never heard")?.context("nobody listens")?;
                if event >= WARM {
                    seconds.push(heard.duration_since(began).as_secs_f64());
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        ensure!(self.heard.try_recv().is_err(), "somebody heard twice");
        seconds.sort_by(f64::total_cmp);
        Ok(seconds)
    }
}

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let floor = floor(stage).await?;
    let ours = ours(stage).await?;
    let ratio = percentile(&ours, 99) / percentile(&floor, 99);
    let told = |seconds: &[f64]| format!("p50 {:.1} ms, p99 {:.1} ms", 1000.0 * percentile(seconds, 50), 1000.0 * percentile(seconds, 99));
    let what = "one event to 1,000 subscribers of one organisation, from the mutation sent to the last ear";
    Ok(vec![Row::new(what, told(&ours), told(&floor), format!("{ratio:.2}"), "p99 ≤ 3 × a bare writer", ratio <= 3.0)])
}

async fn floor(stage: &Stage) -> Result<Vec<f64>> {
    let folder = tempfile::tempdir()?;
    let binary = folder.path().join("wsfloor");
    let built = Command::new("cc").arg("-O2").arg("-o").arg(&binary).arg(stage.floors.join("wsfloor.c")).status()?;
    ensure!(built.success(), "the bare writer does not compile");
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut command = Command::new(binary);
    command.arg(address.port().to_string());
    let _process = Process::start(command)?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut crowd = Crowd::gather(address, &["none".to_owned()], "none").await?;
    crowd.hear(address, b"POST / HTTP/1.1\r\n\r\n").await
}

async fn ours(stage: &Stage) -> Result<Vec<f64>> {
    let world = World::of(stage, S).await?;
    let api = Api::start(stage, &world.home).await?;
    let owner = api.sign_in(&World::owner(1)).await?;
    let list = "{ organization { id } products(first: 1) { nodes { id } } warehouses(first: 1) { nodes { id } } }";
    let found = api.ask(Some(&owner), list, json!({})).await?;
    let (product, warehouse) = (text(&found["products"]["nodes"][0]["id"])?, text(&found["warehouses"]["nodes"][0]["id"])?);
    let tokens = members(&api, &world, text(&found["organization"]["id"])?).await?;
    let mut crowd = Crowd::gather(api.address, &tokens, product).await?;
    let input = json!({ "productId": product, "warehouseId": warehouse, "kind": "RECEIPT", "quantity": "1" });
    let request = http::request(api.address, Some(&owner), &[], RECORD, &json!({ "input": input }));
    crowd.hear(api.address, &request).await
}

/// Tokens of several people of the first organisation, each with the owner's rights.
async fn members(api: &Api, world: &World, organization: &str) -> Result<Vec<String>> {
    let mut tokens = Vec::new();
    for n in 0..USERS {
        let email = format!("member{n}@teranga.example");
        if api.sign_up(&email, &format!("Chez {n}")).await.is_err() {
            api.sign_in(&email).await?;
        }
    }
    psql(&world.url, &[], include_str!("../../sql/members.sql"))?;
    let switch = "mutation($input: OrganizationSwitchInput!) { organizationSwitch(input: $input) { session { accessToken } userErrors { code message } } }";
    for n in 0..USERS {
        let token = api.sign_in(&format!("member{n}@teranga.example")).await?;
        let data = api.ask(Some(&token), switch, json!({ "input": { "organizationId": organization } })).await?;
        tokens.push(text(&data["organizationSwitch"]["session"]["accessToken"])?.to_owned());
    }
    Ok(tokens)
}
