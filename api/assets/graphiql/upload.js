'use strict';
// « Envoyer un fichier »: announces a file, PUTs its bytes and completes it; says its id, or why there is none.
(function () {
  const CREATE = `mutation FichierAnnoncer($input: FileUploadCreateInput!) {
    fileUploadCreate(input: $input) { upload { id url method headers { name value } } userErrors { message } }
  }`;
  const COMPLETE = `mutation FichierTerminer($id: ID!) {
    fileUploadComplete(input: { uploadId: $id }) { file { id } userErrors { message } }
  }`;
  const notice = document.getElementById('notice');

  function say(text, failed) {
    notice.textContent = text;
    notice.className = failed ? 'failed' : '';
    notice.hidden = !text;
  }

  // What a mutation answers; a refusal or an error is thrown with its own words.
  async function ask(post, headers, query, variables) {
    const { data, errors } = await post({ query, variables }, headers);
    const payload = data && Object.values(data)[0];
    const refusals = errors && errors.length ? errors : payload ? payload.userErrors : [];
    if (refusals.length) throw new Error(refusals.map((it) => it.message).join(' '));
    return payload;
  }

  // The link is signed for the address the API is known by; this page may only speak to where it came from.
  async function put({ url, method, headers }, file) {
    const { pathname, search } = new URL(url);
    const response = await fetch(pathname + search, {
      method,
      headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
      body: file,
    });
    if (response.ok) return;
    const said = await response.json().catch(() => null);
    throw new Error(said && said.error ? said.error.message : 'HTTP ' + response.status);
  }

  async function send(post, headers, file) {
    const contentType = /\.gz$/i.test(file.name) ? 'application/gzip' : 'text/csv';
    const input = { filename: file.name, contentType, sizeBytes: String(file.size), purpose: 'IMPORT' };
    const { upload } = await ask(post, headers, CREATE, { input });
    await put(upload, file);
    return (await ask(post, headers, COMPLETE, { id: upload.id })).file.id;
  }

  async function choose(post, headers, done) {
    const file = await new Promise((resolve) => {
      const input = Object.assign(document.createElement('input'), { type: 'file', accept: '.csv,.tsv,.txt,.gz' });
      input.onchange = () => resolve(input.files[0]);
      input.click();
    });
    say(`Envoi de ${file.name}… · Sending…`);
    try {
      const id = await send(post, headers(), file);
      done(id);
      say(`${file.name} est arrivé. Son identifiant est dans « Variables » : $file. · It has arrived; its id is in "Variables".`);
    } catch (error) {
      say(`${file.name} n'est pas arrivé. · It has not arrived. — ${error.message}`, true);
    }
  }

  // A button for GraphiQL's toolbar. `post` sends an operation, `headers` says the present ones, `done` is given the id.
  window.uploadButton = ({ post, headers, done }) =>
    React.createElement(
      'button',
      {
        type: 'button',
        className: 'graphiql-un-styled upload',
        title: 'Send a file to import (CSV); its id goes into the variables',
        onClick: () => choose(post, headers, done),
      },
      'Envoyer un fichier',
    );
  notice.onclick = () => say('');
})();
