mod apart;
mod life;
mod lmis;
mod meanwhile;
mod model;
mod property;
mod told;
mod world;
