//! The rows of the floors, and the same rows in the product's own tables.

use crate::api::{Api, Home};
use crate::stage::{Stage, psql};
use anyhow::{Context, Result};
use std::fs;

/// How much there is.
#[derive(Clone, Copy)]
pub struct Size {
    pub name: &'static str,
    pub tenants: u64,
    pub products: u64,
    pub movements: u64,
}

pub const S: Size = Size { name: "S", tenants: 10, products: 1_000, movements: 50_000 };
pub const M: Size = Size { name: "M", tenants: 100, products: 10_000, movements: 5_000_000 };

/// A database with the rows, and the settings to run on it.
pub struct World {
    pub home: Home,
    pub url: String,
    pub size: Size,
}

const COPY: &str = include_str!("../sql/copy.sql");

impl World {
    /// The world of this size; one made within the last hours is taken again, because the big one takes minutes.
    pub async fn of(stage: &Stage, size: Size) -> Result<Self> {
        let database = format!("teranga_bench_{}", size.name.to_lowercase());
        let mut home = Home::served(stage, &database)?;
        home.set("SECRET_KEY", "a secret that only measures, 32 characters");
        let world = Self { home, url: stage.url(&database), size };
        if !world.is_there() {
            stage.fresh_database(&database)?;
            world.make(stage).await.context("making the world")?;
        }
        Ok(world)
    }

    /// The address of an organisation's owner; organisations count from 1.
    pub fn owner(tenant: u64) -> String {
        format!("owner{tenant}@teranga.example")
    }

    fn is_there(&self) -> bool {
        let recent = "SELECT 1 FROM floor.bench_meta WHERE ref_at > now() - interval '6 hours' AND loaded";
        psql(&self.url, &[], recent).is_ok_and(|found| found == "1")
    }

    async fn make(&self, stage: &Stage) -> Result<()> {
        eprintln!("making the rows of size {}", self.size.name);
        self.home.run(&stage.binary("api"), &["migrate"])?;
        let api = Api::start(stage, &self.home).await?;
        for tenant in 1..=self.size.tenants {
            api.sign_up(&Self::owner(tenant), &format!("Tenant {tenant}")).await?;
        }
        drop(api);
        let floor = |name: &str| fs::read_to_string(stage.floors.join(name)).with_context(|| name.to_owned());
        let parts = ["schema.sql", "generate.sql", "indexes.sql"].map(floor).into_iter().collect::<Result<Vec<_>>>()?;
        let sql = format!("CREATE SCHEMA floor; SET search_path = floor;\n{}\n{COPY}", parts.join("\n"));
        let [tenants, products, movements] = [self.size.tenants, self.size.products, self.size.movements].map(|n| n.to_string());
        let variables = [("size", self.size.name), ("tenants", &tenants), ("per", &products), ("moves", &movements), ("hash", "'x'")];
        psql(&self.url, &variables, &sql)?;
        // The floor's indexes were built after its rows, too.
        psql(&self.url, &[], "REINDEX SCHEMA public")?;
        psql(&self.url, &[], "VACUUM ANALYZE").map(drop)
    }
}
