# syntax=docker/dockerfile:1
# Two images from one build: docker build --target api . and docker build --target worker .
# Both run as nobody in particular, with a read-only root: what they write goes below /var/lib/teranga.

FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY . .
# The caches belong to the machine that builds, so the programs are copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package api --package worker \
 && install -D --strip target/release/api /out/api \
 && install -D --strip target/release/worker /out/worker

FROM debian:trixie-slim AS base
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 teranga \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/teranga --no-create-home --shell /usr/sbin/nologin teranga \
 && install -d --owner=10001 --group=10001 --mode=0750 /var/lib/teranga
COPY --chmod=0755 deploy/docker/healthcheck /usr/local/bin/healthcheck
ENV DATA_DIR=/var/lib/teranga \
    LOG_FORMAT=json
USER 10001:10001
WORKDIR /var/lib/teranga
# A named volume takes its owner from here.
VOLUME /var/lib/teranga
STOPSIGNAL SIGTERM

FROM base AS worker
COPY --from=build /out/worker /usr/local/bin/worker
ENV WORKER_BIND=0.0.0.0:8001
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["healthcheck", "WORKER_BIND"]
ENTRYPOINT ["worker"]

FROM base AS api
USER root
# `api backup` and `api restore` call pg_dump, pg_restore and psql, which must not be older than the server.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/*
USER 10001:10001
COPY --from=build /out/api /usr/local/bin/api
ENV BIND=0.0.0.0:8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["healthcheck"]
ENTRYPOINT ["api"]
