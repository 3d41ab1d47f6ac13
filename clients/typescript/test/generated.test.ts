import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the committed types are those of the screens and the schema", async () => {
  const script = fileURLToPath(new URL("../../scripts/generate.mjs", import.meta.url));
  const [failed, told] = await new Promise<[Error | null, string]>((done) => {
    execFile(process.execPath, [script, "--check"], (error, _, stderr) => done([error, stderr]));
  });
  assert.equal(failed, null, told);
});
