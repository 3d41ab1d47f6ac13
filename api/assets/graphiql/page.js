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

  const root = ReactDOM.createRoot(document.getElementById('graphiql'));
  root.render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: welcome,
      defaultHeaders: '{\n  "Authorization": "Bearer "\n}\n',
      defaultEditorToolsVisibility: 'headers',
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
})();
