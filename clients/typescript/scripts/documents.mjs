// Reads the documents of ../../docs/screens and the schema they are written against.

import { buildSchema, parse, print, visit } from "graphql";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const screens = fileURLToPath(new URL("../../../docs/screens/", import.meta.url));
const committed = fileURLToPath(new URL("../../../schema.graphql", import.meta.url));

/** The schema of a file; the repository's own when none is given. */
export async function readSchema(path = committed) {
  return buildSchema(await readFile(path, "utf8"));
}

/** Every screen: its name, its text, its document. */
export async function readScreens() {
  const names = (await readdir(screens)).filter((name) => name.endsWith(".graphql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(screens + name, "utf8");
      return { name: basename(name, ".graphql"), text, document: parse(text, { noLocation: true }) };
    }),
  );
}

/** One document of all screens. A fragment that several screens carry is kept once, and must be the same everywhere. */
export function joined(all) {
  const seen = new Map();
  const definitions = [];
  for (const screen of all) {
    for (const definition of screen.document.definitions) {
      const name = `${definition.kind} ${definition.name?.value}`;
      const text = print(definition);
      if (!seen.has(name)) definitions.push(definition);
      else if (definition.kind !== "FragmentDefinition") throw new Error(`${name} is in two screens`);
      else if (seen.get(name) !== text) throw new Error(`${name} of ${screen.name} differs from the other screens'`);
      seen.set(name, text);
    }
  }
  return { kind: "Document", definitions };
}

/** One operation with the fragments it needs, and no others. */
export function alone(document, operation) {
  const fragments = new Map(
    document.definitions.filter((one) => one.kind === "FragmentDefinition").map((one) => [one.name.value, one]),
  );
  const needed = new Set();
  const gather = (node) =>
    visit(node, {
      FragmentSpread({ name: { value } }) {
        if (needed.has(value)) return;
        needed.add(value);
        const fragment = fragments.get(value);
        if (fragment) gather(fragment);
      },
    });
  gather(operation);
  return { kind: "Document", definitions: [operation, ...[...needed].map((name) => fragments.get(name)).filter(Boolean)] };
}
