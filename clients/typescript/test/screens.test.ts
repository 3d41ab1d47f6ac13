// The screens' documents against a running API: TERANGA_URL=http://127.0.0.1:8000 npm test

import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import WebSocket from "ws";
import * as screens from "../src/index.js";
import { ApiError, Client, Live } from "../src/index.js";

const url = process.env.TERANGA_URL?.replace(/\/$/, "");
/** With TERANGA_PARTIAL=1, what the server's schema lacks is skipped. */
const partial = process.env.TERANGA_PARTIAL === "1";
const skip = url ? false : "TERANGA_URL is not set";

/** Runs a test; against a server that lacks part of the schema, skips it. */
function screen(name: string, run: (t: TestContext) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async (t) => {
    try {
      await run(t);
    } catch (error) {
      if (!(partial && error instanceof ApiError && error.has("GRAPHQL_VALIDATION_FAILED"))) throw error;
      t.skip(`not in this server's schema: ${error.message}`);
    }
  });
}

describe("the screens of a firm", { skip }, () => {
  const email = `client-${crypto.randomUUID()}@example.sn`;
  const password = "un baobab au bord du fleuve";
  let client: Client;
  let live: Live;
  let productId: string;
  let warehouseId: string;

  before(async () => {
    client = new Client({ url: url!, name: "teranga-client-tests", locale: "fr" });
    live = new Live(client, { webSocketImpl: WebSocket });
    const input = { email, password, displayName: "Awa Diop", organizationName: "Boutique Awa", phone: "+221771234567" };
    const { userErrors } = await client.signUp(input);
    assert.deepEqual(userErrors, []);
    warehouseId = (await client.run(screens.InventoryFiltersDocument, {})).warehouses!.nodes[0]!.id;
    const product = { sku: "RIZ-25", name: "Riz brisé 25 kg", salePrice: "12500", reorderPoint: "10" };
    const made = await client.mutate(screens.ProductCreateDocument, { input: product });
    assert.deepEqual(made.productCreate!.userErrors, []);
    productId = made.productCreate!.product!.id;
  });
  after(() => live.close());

  const record = (kind: screens.StockMovementKind, quantity: string, idempotencyKey?: string) =>
    client.mutate(
      screens.StockMovementRecordDocument,
      { input: { productId, warehouseId, kind, quantity } },
      idempotencyKey ? { idempotencyKey } : {},
    );

  screen("signs in again, refreshes and goes on", async () => {
    const other = new Client({ url: url! });
    const wrong = await other.signIn({ email, password: "ceci n'est pas le bon" });
    assert.equal(wrong.userErrors[0]?.code, "INVALID_CREDENTIALS");
    await other.signIn({ email, password });
    const first = other.session.tokens!;
    await other.session.after(first.accessToken);
    assert.notEqual(other.session.tokens!.refreshToken, first.refreshToken);
    const { organization } = await other.run(screens.ViewerDocument, {});
    assert.equal(organization?.name, "Boutique Awa");
    await other.signOut();
    assert.equal(other.session.tokens, null);
  });

  screen("records a movement once, however often it is sent", async () => {
    const key = crypto.randomUUID();
    const [one, again] = [await record("RECEIPT", "40", key), await record("RECEIPT", "40", key)];
    assert.equal(one.stockMovementRecord!.stockMovement!.id, again.stockMovementRecord!.stockMovement!.id);
    assert.equal(again.stockMovementRecord!.stockMovement!.product.onHand, "40");
  });

  screen("shows the list, its figures and its filters", async () => {
    await client.run(screens.InventoryOverviewDocument, {});
    const { products } = await client.run(screens.InventoryListDocument, { withTotal: true });
    assert.equal(products!.totalCount, 1);
    assert.equal(products!.nodes[0]!.sku, "RIZ-25");
  });

  screen("shows one product", async () => {
    const { product } = await client.run(screens.ProductPageDocument, { id: productId });
    assert.equal(product!.stockMovements!.nodes[0]!.kind, "RECEIPT");
  });

  screen("says which input is refused, and why", async () => {
    const { stockMovementRecord } = await record("SALE", "-1");
    assert.equal(stockMovementRecord!.stockMovement, null);
    const [refusal] = stockMovementRecord!.userErrors;
    assert.deepEqual(refusal?.path?.at(-1), "quantity");
    assert.ok(refusal.message.length > 10);
  });

  screen("hears of an alert, and again from its cursor after the line was cut", async () => {
    const { stockAlerts } = await client.run(screens.AlertCentreDocument, {});
    const from = stockAlerts!.streamCursor;
    await record("SALE", "40");
    const { stockAlertsEvaluate } = await client.mutate(screens.StockAlertsEvaluateDocument, { input: {} });
    assert.deepEqual(stockAlertsEvaluate!.userErrors, []);
    const heard = async () => {
      for await (const { stockAlertChanged } of live.follow(screens.StockAlertChangedDocument, {}, { after: from })) {
        if (stockAlertChanged.alert?.kind === "STOCK_OUT") return stockAlertChanged;
      }
      return assert.fail("the stream ended");
    };
    const event = await heard();
    assert.equal(event.alert!.product!.id, productId);
    assert.ok(event.alert!.explanation.length > 10);
    assert.equal((await heard()).cursor, event.cursor);
  });

  screen("shows one alert and takes it in hand", async () => {
    const { stockAlerts } = await client.run(screens.AlertCentreDocument, {});
    const { id } = stockAlerts!.nodes[0]!;
    const taken = await client.mutate(screens.StockAlertsAcknowledgeDocument, { input: { ids: [id], note: "Commandé" } });
    assert.equal(taken.stockAlertsAcknowledge!.stockAlerts![0]!.state, "ACKNOWLEDGED");
    const { stockAlert } = await client.run(screens.AlertDetailsDocument, { id });
    assert.ok(stockAlert!.timeline.some((step) => step.note === "Commandé"));
  });

  screen("lists the rules a new organisation starts with", async () => {
    const { stockAlertRules } = await client.run(screens.AlertRulesDocument, {});
    const kinds = stockAlertRules!.nodes.map((rule) => rule.kind).sort();
    assert.deepEqual(kinds, ["LOW_STOCK", "SERVICE_LEVEL_DROP", "STOCK_OUT"]);
  });

  screen("sends a test notice, shows it, marks it read", async () => {
    const { notifications } = await client.run(screens.NotificationCentreDocument, {});
    const sent = await client.mutate(screens.NotificationTestSendDocument, { input: { channel: "IN_APP" } });
    const notice = sent.notificationTestSend!.notification!;
    for await (const event of live.follow(screens.NotificationReceivedDocument, {}, { after: notifications!.streamCursor })) {
      if (event.notificationReceived.notification?.id === notice.id) break;
    }
    const read = await client.mutate(screens.NotificationsMarkReadDocument, { input: { ids: [notice.id] } });
    assert.ok(read.notificationsMarkRead!.notifications![0]!.readAt);
  });
});
