// The real API, in a folder of its own that goes with it.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const START_MS = 20_000;

export class RealApi {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(binary: string): Promise<RealApi> {
    const folder = await mkdtemp(join(tmpdir(), "teranga-client-"));
    const bind = `127.0.0.1:${await freePort()}`;
    const { PATH } = process.env;
    const child = spawn(resolve(binary), { cwd: folder, env: { PATH, DATA_DIR: folder, BIND: bind, RUST_LOG: "warn" }, stdio: "inherit" });
    const api = new RealApi(`http://${bind}`, child, folder);
    const late = Date.now() + START_MS;
    while (!(await api.isReady())) {
      if (child.exitCode !== null || Date.now() > late) {
        await api.stop();
        throw new Error(`${binary} does not serve`);
      }
      await new Promise((done) => setTimeout(done, 50));
    }
    return api;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/ready`)).ok;
    } catch {
      return false;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
