mod life;
mod model;
mod property;
mod world;
