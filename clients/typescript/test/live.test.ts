import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import WebSocket from "ws";
import { ApiError, Client, CursorExpired, Live, StockAlertChangedDocument } from "../src/index.js";
import { nextTokens, StandIn, tokens, type Subscription } from "./stand-in.js";

let api: StandIn;
let client: Client;
let live: Live;
const event = (cursor: number) => ({
  data: { stockAlertChanged: { cursor: String(cursor), occurredAt: "2026-01-01T00:00:00Z", transition: {}, alert: null } },
});
/** What the API does: everything after the cursor, up to `last`. */
const replay = (to: Subscription, last: number) => {
  for (let cursor = Number(to.variables.after ?? 0) + 1; cursor <= last; cursor++) to.next(event(cursor));
};
const read = async (count: number, after?: string) => {
  const seen: string[] = [];
  for await (const { stockAlertChanged } of live.follow(StockAlertChangedDocument, {}, after === undefined ? {} : { after })) {
    seen.push(stockAlertChanged.cursor);
    if (seen.length === count) break;
  }
  return seen;
};
const afters = () => api.subscriptions.map((subscription) => subscription.variables.after);

beforeEach(async () => {
  api = await StandIn.start();
  api.answer = nextTokens;
  client = new Client({ url: api.url });
  await client.session.set(tokens(1));
  live = new Live(client, { webSocketImpl: WebSocket, sleep: () => new Promise((done) => setTimeout(done, 1)) });
});
afterEach(async () => {
  await live.close();
  await api.stop();
});

test("a line cut again and again loses nothing and repeats nothing", async () => {
  let last = 0;
  api.stream = (subscription) => {
    replay(subscription, (last += 3));
    setTimeout(() => subscription.cut(), 5);
  };
  assert.deepEqual(await read(9, "0"), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  assert.deepEqual(afters(), ["0", "3", "6"]);
});

test("without a cursor it starts now, and from then on resumes", async () => {
  api.stream = (subscription) => {
    if (subscription.variables.after === null) {
      subscription.next(event(41));
      setTimeout(() => subscription.cut(), 5);
    } else replay(subscription, 42);
  };
  assert.deepEqual(await read(2), ["41", "42"]);
  assert.deepEqual(afters(), [null, "41"]);
});

test("a token that is over is renewed, once, and the stream goes on", async () => {
  api.stream = (subscription) => {
    if (subscription.authorization === "Bearer access-1") {
      replay(subscription, 1);
      setTimeout(() => subscription.close(4401, "Session ended"), 5);
    } else replay(subscription, 2);
  };
  assert.deepEqual(await read(2, "0"), ["1", "2"]);
  assert.equal(api.requests.filter((request) => request.operation === "SessionRefresh").length, 1);
  assert.equal(api.subscriptions.at(-1)?.authorization, "Bearer access-2");
});

test("a screen is told once that it may be stale, and once that it is not", async () => {
  let starts = 0;
  api.stream = (subscription) => (++starts < 4 ? subscription.cut() : replay(subscription, 1));
  const states: string[] = [];
  const follow = { after: "0", onState: (state: string) => void states.push(state) };
  for await (const _ of live.follow(StockAlertChangedDocument, {}, follow)) break;
  assert.deepEqual(states.filter((state, at) => state !== states[at - 1]), states);
  assert.equal(states.at(-1), "live");
});

test("an API that restarts is waited for", async () => {
  let starts = 0;
  api.stream = (subscription) => (++starts < 6 ? subscription.close(1001, "Going away") : replay(subscription, 1));
  assert.deepEqual(await read(1, "0"), ["1"]);
  assert.equal(starts, 6);
});

for (const how of ["next", "error"] as const) {
  test(`a cursor too old, told by ${how}, asks for the list anew`, async () => {
    const errors = [{ message: "Too old", extensions: { code: "CURSOR_EXPIRED" } }];
    api.stream = (subscription) => (how === "next" ? subscription.next({ data: null, errors }) : subscription.error(errors));
    await assert.rejects(read(1, "3"), CursorExpired);
    assert.equal(api.subscriptions.length, 1);
  });
}

test("a document that is refused is not sent again", async () => {
  api.stream = (subscription) => subscription.error([{ message: "No", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
  await assert.rejects(read(1), ApiError);
  assert.equal(api.subscriptions.length, 1);
});

test("two streams share a socket, and stopping one leaves the other", async () => {
  const stop = new AbortController();
  api.stream = (subscription) => replay(subscription, 1);
  const stopped = (async () => {
    for await (const _ of live.follow(StockAlertChangedDocument, {}, { after: "0", signal: stop.signal })) stop.abort();
  })();
  assert.deepEqual(await read(1, "0"), ["1"]);
  await stopped;
  assert.equal(api.subscriptions.length, 2);
});
