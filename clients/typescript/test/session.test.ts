import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { AlreadyDone, ApiError, Client, SignedOut, StockMovementRecordDocument, ViewerDocument, type Tokens } from "../src/index.js";
import { nextTokens, StandIn, tokens, unauthenticated } from "./stand-in.js";

let api: StandIn;
let client: Client;
let kept: (Tokens | null)[];
const viewer = { data: { viewer: null, organization: null } };
const refreshes = () => api.requests.filter((request) => request.operation === "SessionRefresh");
const movement = { input: { productId: "p", warehouseId: "w", kind: "SALE" as const, quantity: "1" } };
const recorded = { data: { stockMovementRecord: { stockMovement: null, userErrors: [] } } };

beforeEach(async () => {
  api = await StandIn.start();
  kept = [];
  client = new Client({ url: api.url, sleep: async () => {}, onChange: (pair) => void kept.push(pair) });
});
afterEach(() => api.stop());

test("ten requests that find the token over make one trade", async () => {
  await client.session.set(tokens(1, 5));
  api.answer = (request) => (request.operation === "SessionRefresh" ? nextTokens(request) : viewer);
  await Promise.all(Array.from({ length: 10 }, () => client.run(ViewerDocument, {})));
  assert.equal(refreshes().length, 1);
  const bearers = api.requests.filter((request) => request.operation === "Viewer").map((request) => request.headers.authorization);
  assert.deepEqual(new Set(bearers), new Set(["Bearer access-2"]));
});

test("ten requests whose token is refused make one trade and run again", async () => {
  await client.session.set(tokens(1));
  api.answer = (request) => {
    if (request.operation === "SessionRefresh") return nextTokens(request);
    return request.headers.authorization === "Bearer access-1" ? unauthenticated : viewer;
  };
  await Promise.all(Array.from({ length: 10 }, () => client.run(ViewerDocument, {})));
  assert.equal(refreshes().length, 1);
  assert.equal(client.session.tokens?.refreshToken, "refresh-2");
});

test("a new pair is kept before anybody uses it", async () => {
  await client.session.set(tokens(1, 5));
  let keptFirst = false;
  api.answer = (request) => {
    if (request.operation === "SessionRefresh") return nextTokens(request);
    keptFirst = kept.at(-1)?.accessToken === "access-2";
    return viewer;
  };
  await client.run(ViewerDocument, {});
  assert.ok(keptFirst);
});

test("an answer lost on the way is asked for again with the same token", async () => {
  await client.session.set(tokens(1, 5));
  api.answer = (request) => {
    if (request.operation !== "SessionRefresh") return viewer;
    return refreshes().length === 1 ? { cut: true } : nextTokens(request);
  };
  await client.run(ViewerDocument, {});
  assert.deepEqual(refreshes().map((request) => request.variables.input.refreshToken), ["refresh-1", "refresh-1"]);
});

test("a refused trade signs out, and says why", async () => {
  await client.session.set(tokens(1, 5));
  const refusal = { message: "Reconnectez-vous.", code: "TOKEN_REUSED", path: ["refreshToken"] };
  api.answer = () => ({ data: { sessionRefresh: { session: null, userErrors: [refusal] } } });
  await assert.rejects(client.run(ViewerDocument, {}), (error: unknown) => error instanceof SignedOut && error.message === refusal.message);
  assert.equal(client.session.tokens, null);
  assert.equal(kept.at(-1), null);
});

test("a mutation is sent again with the same key while nobody knows whether it arrived", async () => {
  await client.session.set(tokens(1));
  const replies = [{ cut: true }, { status: 503, headers: { "retry-after": "1" } }, recorded];
  api.answer = () => replies.shift() ?? recorded;
  await client.mutate(StockMovementRecordDocument, movement);
  const keys = api.requests.map((request) => request.headers["idempotency-key"]);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  assert.match(String(keys[0]), /^[0-9a-f-]{36}$/);
});

test("one still running is waited for as long as the API says", async () => {
  const waits: number[] = [];
  client = new Client({ url: api.url, sleep: async (ms) => void waits.push(ms) });
  const running = { status: 409, errors: [{ message: "Still running.", extensions: { code: "CONFLICT", retryAfter: 1 } }] };
  api.answer = () => (api.requests.length === 1 ? running : recorded);
  await client.mutate(StockMovementRecordDocument, movement);
  assert.deepEqual(waits, [1000]);
});

test("one still running is waited for longer than what fails", async () => {
  client = new Client({ url: api.url, sleep: async () => {} });
  const running = { status: 409, errors: [{ message: "Still running.", extensions: { code: "CONFLICT", retryAfter: 1 } }] };
  api.answer = () => (api.requests.length < 70 ? running : recorded);
  await client.mutate(StockMovementRecordDocument, movement);
  assert.equal(api.requests.length, 70);
  api.answer = () => running;
  await assert.rejects(client.mutate(StockMovementRecordDocument, movement), ApiError);
  assert.equal(api.requests.length, 70 + 91);
});

test("one whose answer is lost is said to be done, and not sent again", async () => {
  const replies = [{ cut: true }, { status: 409, errors: [{ message: "Done.", extensions: { code: "ALREADY_DONE" } }] }];
  api.answer = () => replies.shift() ?? recorded;
  await assert.rejects(client.mutate(StockMovementRecordDocument, movement), AlreadyDone);
  assert.equal(api.requests.length, 2);
});

test("what is refused for what it is, is sent once", async () => {
  api.answer = () => ({ status: 400, errors: [{ message: "No.", extensions: { code: "BAD_USER_INPUT" } }] });
  await assert.rejects(client.mutate(StockMovementRecordDocument, movement), ApiError);
  assert.equal(api.requests.length, 1);
});

test("a page without the part its reader may not see is shown without it", async () => {
  const faults = [{ message: "Forbidden", path: ["organization"], extensions: { code: "FORBIDDEN" } }];
  api.answer = () => ({ ...viewer, errors: faults });
  await assert.rejects(client.run(ViewerDocument, {}), ApiError);
  let told = 0;
  await client.run(ViewerDocument, {}, { onPartial: (missing) => (told = missing.length) });
  assert.equal(told, 1);
});
