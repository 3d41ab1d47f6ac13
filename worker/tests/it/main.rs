//! The worker as operators meet it: real processes, killed, stopped, cut off from Redis.

mod command_line;
mod durability;
mod embedded;
mod imports;
mod jobs;
mod nights;
mod outages;
mod pages;
mod schedules;
mod speed;
mod stopping;
mod world;
