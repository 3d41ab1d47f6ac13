// Validates every screen against the schema and holds it to the API's limits: npm run check [-- path/to/schema.graphql]

import { getNamedType, isCompositeType, isListType, getNullableType, specifiedRules, validate, visit } from "graphql";
import { alone, readSchema, readScreens } from "./documents.mjs";

const limits = { bytes: 32 * 1024, depth: 12, aliases: 50, definitions: 50, cost: 10_000, page: 50 };
const schema = await readSchema(process.argv[2]);
const faults = [];
const table = [];

for (const screen of await readScreens()) {
  for (const error of validate(schema, screen.document, specifiedRules)) faults.push(`${screen.name}: ${error.message}`);
  if (faults.length > 0) continue;
  if (screen.text.length > limits.bytes) faults.push(`${screen.name}: over ${limits.bytes} bytes`);
  if (screen.document.definitions.length > limits.definitions) faults.push(`${screen.name}: too many definitions`);
  for (const operation of screen.document.definitions.filter((one) => one.kind === "OperationDefinition")) {
    const measured = measure(alone(screen.document, operation), operation);
    table.push({ screen: screen.name, operation: operation.name.value, ...measured });
    for (const limit of ["depth", "aliases", "cost"]) {
      if (measured[limit] > limits[limit]) faults.push(`${operation.name.value}: ${limit} ${measured[limit]} > ${limits[limit]}`);
    }
  }
}

console.table(table);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}

/** Depth, aliases and cost by page sizes, with the defaults of the operation's variables. */
function measure(document, operation) {
  const fragments = new Map(document.definitions.slice(1).map((one) => [one.name.value, one]));
  const defaults = new Map(operation.variableDefinitions.map((one) => [one.variable.name.value, one.defaultValue]));
  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() };
  let aliases = 0;
  visit(document, { Field: (field) => void (aliases += field.alias ? 1 : 0) });

  /** The page a connection field asks for. */
  const page = (field) => {
    const asked = field.arguments.find((one) => ["first", "last"].includes(one.name.value))?.value;
    const value = asked?.kind === "Variable" ? defaults.get(asked.name.value) : asked;
    return value?.kind === "IntValue" ? Number(value.value) : limits.page;
  };

  /** What comes once, what comes once a row, and how deep it goes. */
  const set = (selections, type, size) => {
    const sum = { cost: 0, depth: 0 };
    for (const one of selections) {
      let part;
      if (one.kind === "Field") part = field(one, type, size);
      else if (one.kind === "InlineFragment") part = set(one.selectionSet.selections, schema.getType(one.typeCondition?.name.value) ?? type, size);
      else part = set(fragments.get(one.name.value).selectionSet.selections, schema.getType(fragments.get(one.name.value).typeCondition.name.value), size);
      sum.cost += part.cost;
      sum.depth = Math.max(sum.depth, part.depth);
    }
    return sum;
  };

  const field = (one, type, size) => {
    const definition = type.getFields?.()[one.name.value];
    if (!definition) return { cost: 0, depth: 1 };
    const result = getNamedType(definition.type);
    if (!isCompositeType(result)) return { cost: 0, depth: 1 };
    const connection = result.name.endsWith("Connection");
    const inner = set(one.selectionSet.selections, result, connection ? page(one) : undefined);
    const rows = size !== undefined && isListType(getNullableType(definition.type)) ? size : 1;
    const own = type === roots.mutation ? 10 : 1;
    return { cost: rows * (own + inner.cost), depth: inner.depth + 1 };
  };

  const measured = set(operation.selectionSet.selections, roots[operation.operation]);
  return { depth: measured.depth, aliases, cost: measured.cost };
}
