import { createClient, type Client as Socket } from "graphql-ws";
import type { Client } from "./client.js";
import { ApiError, CursorExpired, SignedOut, type GraphQLFault } from "./errors.js";
import type { TypedDocumentString } from "./generated.js";

/** What every event of a stream carries. */
export interface Event {
  readonly cursor: string;
}

export interface LiveOptions {
  /** The WebSocket class; the platform's own when absent (browsers, Node 22). */
  readonly webSocketImpl?: unknown;
  /** A socket that is silent for twice this long is taken for dead. */
  readonly keepAliveMs?: number;
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface Follow {
  /** The list's `streamCursor`, or the last event's `cursor`; absent: from now on. */
  readonly after?: string;
  readonly signal?: AbortSignal;
  /** Told when the stream is interrupted and when it is back, each once: a screen shows that it may be stale. */
  readonly onState?: (state: "live" | "interrupted") => void;
}

const LONGEST_PAUSE_MS = 30_000;

/** Live streams over one socket. */
export class Live {
  readonly #socket: Socket;
  #token: string | undefined;

  constructor(
    private readonly client: Client,
    private readonly options: LiveOptions = {},
  ) {
    const { webSocketImpl, keepAliveMs = 15_000 } = options;
    let dead: ReturnType<typeof setTimeout> | undefined;
    this.#socket = createClient({
      url: `${client.options.url.replace(/^http/, "ws")}/graphql/ws`,
      connectionParams: async () => {
        this.#token = await client.session.accessToken();
        return this.#token ? { authorization: `Bearer ${this.#token}` } : {};
      },
      // The library would subscribe again with the first cursor, and repeat every event since; `follow` goes on from the last.
      retryAttempts: 0,
      keepAlive: keepAliveMs,
      on: {
        ping: (received) => {
          if (!received) dead = setTimeout(() => this.#socket.terminate(), keepAliveMs);
        },
        pong: () => clearTimeout(dead),
        closed: () => clearTimeout(dead),
      },
      ...(webSocketImpl !== undefined && { webSocketImpl }),
    });
  }

  /**
   * Every event of a subscription from a cursor on, each once and in order, for as long as the caller reads.
   *
   * A broken socket is opened again, and the subscription goes on after the last event handed over: the API replays what
   * happened meanwhile. Ends with `CursorExpired` when that is too long ago, with `SignedOut` when the session is over.
   */
  async *follow<T extends Record<string, Event>, V extends { after?: string | null | undefined }>(
    document: TypedDocumentString<T, V>,
    variables: Omit<V, "after">,
    { after, signal, onState }: Follow = {},
  ): AsyncGenerator<T, void, void> {
    let cursor = after;
    let told: "live" | "interrupted" | undefined;
    const tell = (state: "live" | "interrupted") => {
      if (told !== state) onState?.((told = state));
    };
    for (let failures = 0; !signal?.aborted; failures++) {
      try {
        const resumed = { ...variables, after: cursor ?? null };
        for await (const data of this.#subscribe<T>(document.toString(), resumed, signal, () => tell("live"))) {
          failures = 0;
          tell("live");
          // The cursor moves once the reader asks for the next event, so one that failed half-way is not lost.
          yield data;
          cursor = Object.values(data)[0]?.cursor ?? cursor;
        }
        if (signal?.aborted) return;
      } catch (error) {
        if (signal?.aborted) return;
        await this.#judge(error);
      }
      tell("interrupted");
      await this.#sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures));
    }
  }

  async close(): Promise<void> {
    await this.#socket.dispose();
  }

  async *#subscribe<T>(query: string, variables: Record<string, unknown>, signal: AbortSignal | undefined, live: () => void) {
    const events = this.#socket.iterate<T>({ query, variables });
    const off = this.#socket.on("connected", live);
    const stop = () => void events.return?.();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      for await (const { data, errors } of events) {
        if (errors?.length) throw new ApiError(200, errors as readonly GraphQLFault[]);
        if (data) yield data;
      }
    } finally {
      off();
      signal?.removeEventListener("abort", stop);
      stop();
    }
  }

  /** Throws what trying again cannot cure; renews the token when that is what the API wants. */
  async #judge(error: unknown): Promise<void> {
    const failure = Array.isArray(error) ? new ApiError(200, error as readonly GraphQLFault[]) : error;
    if (failure instanceof SignedOut) throw failure;
    if (failure instanceof ApiError) {
      if (failure.has("CURSOR_EXPIRED")) throw new CursorExpired(failure.message);
      // What was refused for what it is will be refused again.
      if (!failure.has("RATE_LIMITED") && !failure.has("INTERNAL") && !failure.has("CONFLICT")) throw failure;
      return;
    }
    const code = (failure as { code?: unknown } | null)?.code;
    // 4401: the token is over. 4403: it was refused, or rights changed; a new one shows which.
    if (code === 4401 || code === 4403) await this.#renew();
    // 4400, 4406, 4409, 4429 say that this client is at fault; a second try would be, too.
    else if ([4400, 4406, 4409, 4429].includes(code as number)) throw failure;
  }

  async #renew(): Promise<void> {
    try {
      await this.client.session.after(this.#token);
    } catch (error) {
      if (error instanceof SignedOut) throw error;
      // The API is away; the next try finds out.
    }
  }

  #sleep(ms: number): Promise<void> {
    return (this.options.sleep ?? ((wait) => new Promise((done) => setTimeout(done, wait))))(ms);
  }
}
