mod model;
mod property;
mod world;
