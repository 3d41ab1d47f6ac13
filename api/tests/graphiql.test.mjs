// The scripts of GraphiQL's page, without a browser: `node --test api/tests/graphiql.test.mjs`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Script, createContext } from 'node:vm';

const script = (name) => new Script(readFileSync(new URL(`../assets/graphiql/${name}`, import.meta.url), 'utf8'), { filename: name });
const SCRIPTS = ['upload.js', 'page.js'].map(script);

/** What a browser keeps for one origin; shared by its tabs. */
function storage() {
  const hidden = (value) => ({ value, enumerable: false });
  return Object.defineProperties({}, {
    getItem: hidden(function (key) { return Object.hasOwn(this, key) ? this[key] : null; }),
    setItem: hidden(function (key, value) { this[key] = String(value); }),
    removeItem: hidden(function (key) { delete this[key]; }),
  });
}

/** A tab of the browser: `shown()` has the properties GraphiQL was given last. */
function tab(localStorage, answers = {}, file = { name: 'caisse.csv', size: 3 }) {
  const [elements, sent] = [{}, []];
  let shown;
  const element = (id) => (elements[id] ??= { textContent: '', hidden: true });
  const window = {
    localStorage, URL, Date, atob,
    location: { protocol: 'http:', host: '127.0.0.1:8000' },
    document: {
      getElementById: element,
      querySelector: () => ({ click: () => { element('variables').opened = true; } }),
      createElement: () => ({ files: [file], click() { this.onchange(); } }),
    },
    React: { createElement: (type, props) => ({ type, props }) },
    ReactDOM: { createRoot: () => ({ render: (it) => { shown = it.props; } }) },
    GraphiQL: 'GraphiQL',
    fetch: async (url, options) => {
      sent.push({ url, ...options });
      const key = options.method === 'PUT' ? 'PUT' : /fileUpload\w+(?=\()/.exec(options.body)[0];
      const { status = 200, body } = answers[key];
      return { ok: status < 300, status, json: async () => body };
    },
  };
  window.window = window;
  createContext(window);
  for (const it of SCRIPTS) it.runInContext(window);
  const button = () => { const { type, props } = shown.toolbar.additionalContent; return type(props); };
  return { shown: () => shown, element, sent, press: () => button().props.onClick() };
}

const bearer = (exp) => {
  const part = (it) => Buffer.from(JSON.stringify(it)).toString('base64url');
  return JSON.stringify({ Authorization: `Bearer ${part({ alg: 'EdDSA' })}.${part({ exp })}.x` });
};
const later = () => Date.now() / 1000 + 60;

test('a token entered once is in every tab, of GraphiQL and of the browser', () => {
  const kept = storage();
  const [one, token] = [tab(kept), bearer(later())];
  assert.match(one.shown().defaultHeaders, /"Bearer "/);
  one.shown().onEditHeaders(token);
  assert.equal(one.shown().defaultHeaders, token, 'a new tab of GraphiQL');
  kept.setItem('graphiql:tabState', JSON.stringify({ activeTabIndex: 0, tabs: [{ id: 'a', headers: null }, { id: 'b', headers: null }] }));
  const { shown } = tab(kept);
  assert.equal(shown().defaultHeaders, token);
  assert.equal(shown().storage.getItem('graphiql:headers'), token);
  assert.deepEqual(JSON.parse(shown().storage.getItem('graphiql:tabState')).tabs.map((it) => it.headers), [token, token]);
});

test('a tab without a token does not take it from the others, and a token that is over goes', () => {
  const kept = storage();
  const token = bearer(later());
  tab(kept).shown().onEditHeaders(token);
  tab(kept).shown().onEditHeaders('{ "Authorization": "Bearer " }');
  assert.equal(tab(kept).shown().defaultHeaders, token);
  tab(kept).shown().onEditHeaders(bearer(1));
  assert.match(tab(kept).shown().defaultHeaders, /"Bearer "/);
});

test('clearing what GraphiQL keeps clears the token too', () => {
  const kept = storage();
  kept.setItem('another page', 'its own');
  tab(kept).shown().onEditHeaders(bearer(later()));
  tab(kept).shown().storage.clear();
  assert.deepEqual(Object.keys(kept), ['another page']);
});

const upload = { id: 'U', url: 'https://shop.example/files/uploads/secret', method: 'PUT', headers: [{ name: 'content-type', value: 'text/csv' }] };
const answers = {
  fileUploadCreate: { body: { data: { fileUploadCreate: { upload, userErrors: [] } } } },
  PUT: { status: 204 },
  fileUploadComplete: { body: { data: { fileUploadComplete: { file: { id: 'F' }, userErrors: [] } } } },
};

test('a file goes to where the page came from, and its id to the variables that are there', async () => {
  const it = tab(storage(), answers);
  const token = bearer(later());
  it.shown().onEditHeaders(token);
  it.shown().onEditVariables('{ "first": 3 }');
  await it.press();
  const [create, put, complete] = it.sent;
  assert.equal(create.headers.authorization, JSON.parse(token).Authorization);
  assert.deepEqual(JSON.parse(create.body).variables.input, { filename: 'caisse.csv', contentType: 'text/csv', sizeBytes: '3', purpose: 'IMPORT' });
  assert.equal(put.url, '/files/uploads/secret');
  assert.deepEqual({ ...put.headers }, { 'content-type': 'text/csv' });
  assert.deepEqual(JSON.parse(complete.body).variables, { id: 'U' });
  assert.deepEqual(JSON.parse(it.shown().variables), { first: 3, file: 'F' });
  assert.ok(it.element('variables').opened);
  assert.match(it.element('notice').textContent, /caisse\.csv est arrivé/);
});

test('why a file did not arrive is said in the page', async () => {
  const refused = { body: { data: { fileUploadCreate: { upload: null, userErrors: [{ message: 'Trop grand.' }] } } } };
  const unsigned = { body: { data: null, errors: [{ message: 'Connectez-vous.' }] } };
  const table = [
    [{ ...answers, fileUploadCreate: refused }, /Trop grand\./],
    [{ ...answers, fileUploadCreate: unsigned }, /Connectez-vous\./],
    [{ ...answers, PUT: { status: 410, body: { error: { message: 'Ce lien a expiré.' } } } }, /Ce lien a expiré\./],
  ];
  for (const [given, words] of table) {
    const it = tab(storage(), given);
    await it.press();
    const notice = it.element('notice');
    assert.match(notice.textContent, words);
    assert.deepEqual([notice.className, notice.hidden, it.shown().variables], ['failed', false, undefined]);
  }
});
