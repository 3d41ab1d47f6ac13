'use strict';
(function () {
  const welcome = document.getElementById('welcome').textContent;
  const socket = (location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/graphql/ws';

  // A bearer not yet filled in is no bearer: the documentation must load without one.
  const empty = ([name, value]) => name === 'authorization' && /^bearer\s*$/i.test(value);
  const lower = (headers) =>
    Object.fromEntries(
      Object.entries(headers || {}).map(([name, value]) => [name.toLowerCase(), value]).filter((pair) => !empty(pair)),
    );

  async function post(params, headers, signal) {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { accept: 'application/graphql-response+json', 'content-type': 'application/json', 'x-client-name': 'graphiql', ...headers },
      body: JSON.stringify(params),
      signal,
    });
    return response.json();
  }

  // The Authorization of the headers pane travels in connection_init, never in the URL.
  function subscribe(params, headers) {
    const connectionParams = headers.authorization ? { authorization: headers.authorization } : {};
    const client = graphqlWs.createClient({ url: socket, connectionParams, retryAttempts: 0 });
    return {
      subscribe(observer) {
        const stop = client.subscribe(params, {
          next: (value) => observer.next(value),
          complete: () => { observer.complete(); client.dispose(); },
          error: (error) => {
            const said = error && error.reason ? new Error(error.code + ' ' + error.reason) : error;
            observer.error(said);
            client.dispose();
          },
        });
        return { unsubscribe() { stop(); client.dispose(); } };
      },
    };
  }

  function isSubscription(params, options) {
    const ast = options && options.documentAST;
    if (!ast) return /^\s*subscription\b/m.test(params.query);
    const operations = ast.definitions.filter((definition) => definition.kind === 'OperationDefinition');
    const chosen = operations.find((it) => it.name && it.name.value === params.operationName) || operations[0];
    return Boolean(chosen) && chosen.operation === 'subscription';
  }

  const fetcher = (params, options) => {
    const headers = lower(options && options.headers);
    return isSubscription(params, options) ? subscribe(params, headers) : post(params, headers);
  };

  // GraphiQL keeps no headers by itself: a new tab, of its own or of the browser, would begin without the token.
  const KEPT = 'graphiql:teranga:headers';
  const TEMPLATE = '{\n  "Authorization": "Bearer "\n}\n';

  function parsed(text) {
    try {
      const value = JSON.parse(text);
      return value && typeof value === 'object' && !Array.isArray(value) ? value : {};
    } catch {
      return {};
    }
  }

  // A token that is over would be refused with everything sent beside it, the documentation and a new sign-in too.
  function over(bearer) {
    try {
      const claims = atob(bearer.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'));
      return JSON.parse(claims).exp * 1000 <= Date.now();
    } catch {
      return false;
    }
  }

  function kept() {
    const text = localStorage.getItem(KEPT);
    const { authorization } = lower(parsed(text));
    return authorization && !over(authorization) ? text : TEMPLATE;
  }

  // What GraphiQL reads of the tabs it had before has no headers: each gets those that are kept.
  function read(key) {
    if (key === 'graphiql:headers') return kept();
    const text = localStorage.getItem(key);
    if (key !== 'graphiql:tabState' || !text) return text;
    const state = parsed(text);
    if (!Array.isArray(state.tabs)) return text;
    return JSON.stringify({ ...state, tabs: state.tabs.map((tab) => ({ ...tab, headers: kept() })) });
  }

  const ours = () => Object.keys(localStorage).filter((key) => key.startsWith('graphiql:'));
  const storage = {
    getItem: read,
    setItem: (key, value) => localStorage.setItem(key, value),
    removeItem: (key) => localStorage.removeItem(key),
    clear: () => ours().forEach((key) => localStorage.removeItem(key)),
    get length() { return ours().length; },
  };

  let headers = kept();
  let variables = localStorage.getItem('graphiql:variables') || '';
  const root = ReactDOM.createRoot(document.getElementById('graphiql'));

  function onEditHeaders(text) {
    headers = text;
    if (!lower(parsed(text)).authorization) return;
    localStorage.setItem(KEPT, text);
    render();
  }

  function onEditVariables(text) { variables = text; }

  // A file's id stands beside the variables that are there, and the pane is opened to be seen.
  function sent(id) {
    render({ variables: JSON.stringify({ ...parsed(variables), file: id }, null, 2) });
    document.querySelector('.graphiql-editor-tools-tabs button').click();
  }

  const button = React.createElement(uploadButton, { post, headers: () => lower(parsed(headers)), done: sent });
  function render(changed) {
    const fixed = { fetcher, storage, defaultQuery: welcome, defaultEditorToolsVisibility: 'headers', isHeadersEditorEnabled: true };
    const heard = { onEditHeaders, onEditVariables, toolbar: { additionalContent: button }, shouldPersistHeaders: false };
    root.render(React.createElement(GraphiQL, { ...fixed, ...heard, defaultHeaders: kept(), ...changed }));
  }
  render();
})();
