// A server that speaks just enough of the API's two protocols to be broken on purpose.

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { Tokens } from "../src/index.js";

export interface Request {
  readonly operation: string;
  readonly variables: Record<string, any>;
  readonly headers: IncomingHttpHeaders;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
  /** Cut the line in place of an answer. */
  readonly cut?: boolean;
}

export interface Subscription {
  readonly variables: Record<string, any>;
  readonly authorization: string | undefined;
  next(payload: unknown): void;
  error(errors: readonly unknown[]): void;
  /** Cut the line without a word. */
  cut(): void;
  close(code: number, reason: string): void;
}

export class StandIn {
  readonly requests: Request[] = [];
  readonly subscriptions: Subscription[] = [];
  readonly completed: string[] = [];
  answer: (request: Request) => Reply | Promise<Reply> = () => ({ data: {} });
  stream: (subscription: Subscription) => void = () => {};
  readonly #http = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", async () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: any };
      const request = { operation: operationOf(query), variables, headers: message.headers };
      this.requests.push(request);
      const { status = 200, headers = {}, cut, ...body } = await this.answer(request);
      if (cut) return void message.socket.destroy();
      response.writeHead(status, { "content-type": "application/graphql-response+json", ...headers }).end(JSON.stringify(body));
    });
  });
  readonly #sockets = new WebSocketServer({ server: this.#http, path: "/graphql/ws", handleProtocols: () => "graphql-transport-ws" });

  static async start(): Promise<StandIn> {
    const server = new StandIn();
    server.#sockets.on("connection", (socket) => server.#serve(socket));
    server.#http.listen(0, "127.0.0.1");
    await once(server.#http, "listening");
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#sockets.clients.forEach((socket) => socket.terminate());
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
  }

  #serve(socket: WebSocket): void {
    let authorization: string | undefined;
    const send = (message: unknown) => socket.send(JSON.stringify(message));
    socket.on("message", (raw) => {
      const message = JSON.parse(String(raw)) as { type: string; id: string; payload: any };
      if (message.type === "connection_init") {
        authorization = message.payload?.authorization;
        send({ type: "connection_ack" });
      }
      if (message.type === "ping") send({ type: "pong" });
      if (message.type === "complete") this.completed.push(message.id);
      if (message.type !== "subscribe") return;
      const subscription: Subscription = {
        variables: message.payload.variables,
        authorization,
        next: (payload) => send({ id: message.id, type: "next", payload }),
        error: (payload) => send({ id: message.id, type: "error", payload }),
        cut: () => socket.terminate(),
        close: (code, reason) => socket.close(code, reason),
      };
      this.subscriptions.push(subscription);
      this.stream(subscription);
    });
  }
}

/** Tokens named by a number, good for so many seconds. */
export function tokens(name: number, seconds = 1800): Tokens {
  const at = (left: number) => new Date(Date.now() + left * 1000).toISOString();
  return {
    accessToken: `access-${name}`,
    accessTokenExpiresAt: at(seconds),
    refreshToken: `refresh-${name}`,
    refreshTokenExpiresAt: at(7 * 86_400),
  };
}

/** Answers `SessionRefresh` with the next pair. */
export function nextTokens(request: Request): Reply {
  const number = Number(String(request.variables.input.refreshToken).split("-")[1]);
  return { data: { sessionRefresh: { session: { ...tokens(number + 1), organization: null }, userErrors: [] } } };
}

export const unauthenticated: Reply = {
  status: 401,
  errors: [{ message: "Sign in", extensions: { code: "UNAUTHENTICATED" } }],
};

function operationOf(query: string): string {
  return /(?:query|mutation|subscription)\s+(\w+)/.exec(query)?.[1] ?? "";
}
