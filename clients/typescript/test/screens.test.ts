// The screens' documents against a real API: one that runs (TERANGA_URL=http://127.0.0.1:8000 npm test), or one that is
// started for the tests in a folder of its own (TERANGA_API=../../target/debug/api npm test).

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import * as screens from "../src/index.js";
import { Client, Live, type Ask } from "../src/index.js";
import { RealApi } from "./real-api.js";
import { Wire } from "./wire.js";

const { TERANGA_URL: running, TERANGA_API: binary } = process.env;
const skip = running || binary ? false : "neither TERANGA_URL nor TERANGA_API is set";

/** The operations that were sent, by name. */
const sent = new Set<string>();
const note = (document: unknown) => sent.add(/^\s*(?:query|mutation|subscription) (\w+)/m.exec(String(document))![1]!);

/** Waits for what the worker does. */
async function soon(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((done) => setTimeout(done, 100));
}

class Recording extends Client {
  override run<T, V>(document: screens.TypedDocumentString<T, V>, variables: V, ask?: Ask): Promise<T> {
    note(document);
    return super.run(document, variables, ask);
  }
}

function screen(name: string, run: () => Promise<void>): void {
  test(name, { timeout: 60_000 }, run);
}

describe("the screens of a firm", { skip }, () => {
  const email = `client-${crypto.randomUUID()}@example.sn`;
  const password = "un baobab au bord du fleuve";
  let api: RealApi | undefined;
  let wire: Wire;
  let client: Client;
  let live: Live;
  let productId: string;
  let warehouseId: string;

  before(async () => {
    api = binary ? await RealApi.start(binary) : undefined;
    const url = api?.url ?? running!.replace(/\/$/, "");
    wire = await Wire.to(url);
    client = new Recording({ url, name: "teranga-client-tests", locale: "fr" });
    // The stream goes over a wire that can be cut, with the session of the screens.
    const overWire = new Client({ url: wire.url });
    Object.defineProperty(overWire, "session", { value: client.session });
    live = new Live(overWire, { webSocketImpl: WebSocket });
    const input = { email, password, displayName: "Awa Diop", organizationName: "Boutique Awa", phone: "+221771234567" };
    const { userErrors } = await client.signUp(input);
    assert.deepEqual(userErrors, []);
    warehouseId = (await client.run(screens.InventoryFiltersDocument, {})).warehouses!.nodes[0]!.id;
    const product = { sku: "RIZ-25", name: "Riz brisé 25 kg", salePrice: "12500", reorderPoint: "10" };
    const made = await client.mutate(screens.ProductCreateDocument, { input: product });
    assert.deepEqual(made.productCreate!.userErrors, []);
    productId = made.productCreate!.product!.id;
  });
  after(async () => {
    await live?.close();
    await wire?.close();
    await api?.stop();
  });

  const record = (kind: screens.StockMovementKind, quantity: string, idempotencyKey?: string) =>
    client.mutate(
      screens.StockMovementRecordDocument,
      { input: { productId, warehouseId, kind, quantity } },
      idempotencyKey ? { idempotencyKey } : {},
    );

  screen("signs in again, refreshes and goes on", async () => {
    const other = new Client({ url: client.options.url });
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

  screen("shows who is there, and what they may do", async () => {
    const { viewer, organization } = await client.run(screens.ViewerDocument, {});
    assert.equal(viewer!.user.email, email);
    assert.equal(organization!.currency, "XOF");
    assert.ok(viewer!.permissions.some(({ permission }) => permission === "INVENTORY_PRODUCT_WRITE"));
  });

  screen("records a movement once, however often it is sent", async () => {
    const key = crypto.randomUUID();
    const [one, again] = [await record("RECEIPT", "40", key), await record("RECEIPT", "40", key)];
    assert.equal(one.stockMovementRecord!.stockMovement!.id, again.stockMovementRecord!.stockMovement!.id);
    assert.equal(again.stockMovementRecord!.stockMovement!.product.onHand, "40");
  });

  screen("shows the list, its figures and its filters", async () => {
    const { inventoryDashboard } = await client.run(screens.InventoryOverviewDocument, {});
    assert.equal(inventoryDashboard!.productCount, 1);
    assert.equal(inventoryDashboard!.movementsLast30Days, 1);
    const { products } = await client.run(screens.InventoryListDocument, { withTotal: true });
    assert.equal(products!.totalCount, 1);
    assert.equal(products!.nodes[0]!.sku, "RIZ-25");
  });

  screen("shows one product", async () => {
    const { product } = await client.run(screens.ProductPageDocument, { id: productId });
    assert.equal(product!.stockMovements!.nodes[0]!.kind, "RECEIPT");
  });

  screen("undoes a movement and renames a product, a stale form being refused with the product as it is", async () => {
    const sold = await record("SALE", "3");
    const undo = { id: sold.stockMovementRecord!.stockMovement!.id, reason: "Erreur de caisse" };
    const undone = await client.mutate(screens.StockMovementReverseDocument, { input: undo });
    assert.equal(undone.stockMovementReverse!.stockMovement!.quantity, "3");
    const rename = (name: string) => client.mutate(screens.ProductUpdateDocument, { input: { id: productId, expectedVersion: 1, name } });
    const renamed = await rename("Riz parfumé 25 kg");
    assert.equal(renamed.productUpdate!.product!.name, "Riz parfumé 25 kg");
    const stale = (await rename("Riz ordinaire")).productUpdate!;
    assert.deepEqual([stale.userErrors[0]?.code, stale.product!.name], ["STALE_VERSION", "Riz parfumé 25 kg"]);
  });

  screen("says which input is refused, and why", async () => {
    const { stockMovementRecord } = await record("SALE", "-1");
    assert.equal(stockMovementRecord!.stockMovement, null);
    const [refusal] = stockMovementRecord!.userErrors;
    assert.deepEqual(refusal?.path?.at(-1), "quantity");
    assert.ok(refusal.message.length > 10);
  });

  const evaluate = async () => {
    const { stockAlertsEvaluate } = await client.mutate(screens.StockAlertsEvaluateDocument, { input: {} });
    assert.deepEqual(stockAlertsEvaluate!.userErrors, []);
  };

  screen("hears of an alert, loses the line, and hears what happened meanwhile, each thing once", async () => {
    const { stockAlerts } = await client.run(screens.AlertCentreDocument, {});
    const [steps, cursors, states]: [string[], string[], string[]] = [[], [], []];
    await record("SALE", "40");
    await evaluate();
    note(screens.StockAlertChangedDocument);
    const from = { after: stockAlerts!.streamCursor, onState: (state: string) => void states.push(state) };
    for await (const { stockAlertChanged: event } of live.follow(screens.StockAlertChangedDocument, {}, from)) {
      cursors.push(event.cursor);
      if (event.alert?.kind !== "STOCK_OUT") continue;
      steps.push(event.transition.state);
      assert.equal(event.alert.product!.id, productId);
      assert.ok(event.alert.explanation.length > 10);
      if (steps.at(-1) === "FIRING" && steps.length === 1) {
        wire.cut();
        await record("RECEIPT", "100");
        await evaluate();
        setTimeout(() => wire.mend(), 1000);
      } else if (event.transition.state === "RESOLVED") break;
    }
    assert.deepEqual(steps, ["FIRING", "RESOLVED"]);
    assert.deepEqual(states, ["live", "interrupted", "live"]);
    const from1 = Number(stockAlerts!.streamCursor);
    assert.deepEqual(cursors, cursors.map((_, at) => String(from1 + at + 1)), "no gap and no double");
    await record("SALE", "100");
    await evaluate();
    await soon(async () => (await client.run(screens.AlertCentreDocument, {})).stockAlerts!.nodes.length > 0);
  });

  screen("shows one alert and takes it in hand", async () => {
    const { stockAlerts } = await client.run(screens.AlertCentreDocument, {});
    const { id } = stockAlerts!.nodes[0]!;
    const taken = await client.mutate(screens.StockAlertsAcknowledgeDocument, { input: { ids: [id], note: "Commandé" } });
    assert.equal(taken.stockAlertsAcknowledge!.stockAlerts![0]!.state, "ACKNOWLEDGED");
    const { stockAlert } = await client.run(screens.AlertDetailsDocument, { id });
    assert.ok(stockAlert!.timeline.some((step) => step.note === "Commandé"));
    const slept = await client.mutate(screens.StockAlertsSnoozeDocument, { input: { ids: [id], untilRestock: true } });
    assert.equal(slept.stockAlertsSnooze!.stockAlerts![0]!.state, "SNOOZED");
  });

  screen("lists the rules a new organisation starts with", async () => {
    const { stockAlertRules } = await client.run(screens.AlertRulesDocument, {});
    const kinds = stockAlertRules!.nodes.map((rule) => rule.kind).sort();
    assert.deepEqual(kinds, ["LOW_STOCK", "SERVICE_LEVEL_DROP", "STOCK_OUT"]);
  });

  screen("sends a test notice, shows it, marks it read", async () => {
    const { notifications } = await client.run(screens.NotificationCentreDocument, {});
    const agreed = await client.mutate(screens.WhatsAppConsentSetDocument, { input: { granted: true } });
    assert.equal(agreed.whatsAppConsentSet!.user!.whatsAppConsent, true);
    const told = await client.mutate(screens.NotificationTestSendDocument, { input: { channel: "IN_APP" } });
    const notice = told.notificationTestSend!.notification!;
    note(screens.NotificationReceivedDocument);
    for await (const event of live.follow(screens.NotificationReceivedDocument, {}, { after: notifications!.streamCursor })) {
      if (event.notificationReceived.notification?.id === notice.id) break;
    }
    const read = await client.mutate(screens.NotificationsMarkReadDocument, { input: { ids: [notice.id] } });
    assert.ok(read.notificationsMarkRead!.notifications![0]!.readAt);
    const away = await client.mutate(screens.NotificationArchiveDocument, { input: { id: notice.id } });
    assert.ok(away.notificationArchive!.notification!.archivedAt);
  });

  test("has sent every document of every screen", () => {
    // These four are the client's own to send.
    const bySession = ["SignUp", "SignIn", "SessionRefresh", "SignOut"];
    const all = Object.keys(screens).filter((name) => name.endsWith("Document")).map((name) => name.slice(0, -"Document".length));
    assert.deepEqual(all.filter((name) => !sent.has(name) && !bySession.includes(name)), []);
  });
});
