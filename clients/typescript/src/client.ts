import { AlreadyDone, ApiError, SignedOut, type GraphQLFault } from "./errors.js";
import { SessionRefreshDocument, SignInDocument, SignOutDocument, SignUpDocument } from "./generated.js";
import type { SignInInput, SignInMutation, SignUpInput, SignUpMutation, TypedDocumentString } from "./generated.js";
import { Session, type SessionOptions } from "./session.js";

export interface ClientOptions extends SessionOptions {
  /** Such as https://api.example.sn, without a trailing slash. */
  readonly url: string;
  /** Shown in the API's metrics. */
  readonly name?: string;
  /** fr, en or wo; the person's own when absent. */
  readonly locale?: string;
  readonly timeoutMs?: number;
  /** Waits between tries; tests pass one that does not. */
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface Ask {
  /** The same key with the same mutation is done once, however often it is sent. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** A page may lack a part its reader has no right to: told here, it is no error and the rest is shown. */
  readonly onPartial?: (faults: readonly GraphQLFault[]) => void;
}

const TRIES = 4;
/** The API says after a minute that a mutation without an answer was done; until then it may still be running. */
const RUNNING_MS = 90_000;

/** Speaks GraphQL over HTTP with one API. */
export class Client {
  readonly session: Session;

  constructor(readonly options: ClientOptions) {
    this.session = new Session((token) => this.#refresh(token), options);
  }

  /** Runs one operation; a bearer that is refused is renewed once. */
  async run<T, V>(document: TypedDocumentString<T, V>, variables: V, ask: Ask = {}): Promise<T> {
    const token = await this.session.accessToken();
    try {
      return await this.#send(document, variables, token, ask);
    } catch (error) {
      if (!(error instanceof ApiError && error.has("UNAUTHENTICATED")) || token === undefined) throw error;
      return await this.#send(document, variables, await this.session.after(token), ask);
    }
  }

  /**
   * Runs a mutation over a weak link: it is sent again while it is unknown whether it arrived, always with the same key,
   * so that its effect happens once. Rules that say no are in the answer's `userErrors` and are not tried again. It throws
   * `AlreadyDone` when it was done and nobody knows the answer any more.
   */
  async mutate<T, V>(document: TypedDocumentString<T, V>, variables: V, ask: Ask = {}): Promise<T> {
    const idempotencyKey = ask.idempotencyKey ?? crypto.randomUUID();
    for (let attempt = 1, waited = 0; ; ) {
      try {
        return await this.run(document, variables, { ...ask, idempotencyKey });
      } catch (error) {
        if (error instanceof ApiError && error.has("ALREADY_DONE")) throw new AlreadyDone(error.message);
        const ms = pause(error, attempt);
        // One that still runs is no failure: it is waited for until the API knows how it ended.
        const over = isRunning(error) ? (waited += ms) > RUNNING_MS : attempt++ === TRIES;
        if (over || ask.signal?.aborted || !mayPass(error)) throw error;
        await this.#sleep(ms);
      }
    }
  }

  async signUp(input: SignUpInput): Promise<NonNullable<SignUpMutation["signUp"]>> {
    const signUp = present((await this.#send(SignUpDocument, { input }, undefined, {})).signUp);
    if (signUp.session) await this.session.set(signUp.session);
    return signUp;
  }

  async signIn(input: SignInInput): Promise<NonNullable<SignInMutation["signIn"]>> {
    const signIn = present((await this.#send(SignInDocument, { input }, undefined, {})).signIn);
    if (signIn.session) await this.session.set(signIn.session);
    return signIn;
  }

  /** Ends the session here and there; here even when there cannot be reached. */
  async signOut(everywhere = false): Promise<void> {
    try {
      await this.run(SignOutDocument, { input: { everywhere } });
    } catch (error) {
      if (!(error instanceof SignedOut)) throw error;
    } finally {
      await this.session.set(null);
    }
  }

  async #refresh(refreshToken: string) {
    const answer = await this.#send(SessionRefreshDocument, { input: { refreshToken } }, undefined, {});
    const { session, userErrors } = present(answer.sessionRefresh);
    return { tokens: session, refusals: userErrors };
  }

  async #send<T, V>(document: TypedDocumentString<T, V>, variables: V, token: string | undefined, ask: Ask): Promise<T> {
    const { url, name, locale, timeoutMs = 20_000 } = this.options;
    const timeout = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
        ...(token && { authorization: `Bearer ${token}` }),
        ...(locale && { "accept-language": locale }),
        ...(name && { "x-client-name": name }),
        ...(ask.idempotencyKey && { "idempotency-key": ask.idempotencyKey }),
      },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: ask.signal ? AbortSignal.any([ask.signal, timeout]) : timeout,
    });
    return read<T>(answer, ask.onPartial);
  }

  #sleep(ms: number): Promise<void> {
    return (this.options.sleep ?? ((wait) => new Promise((done) => setTimeout(done, wait))))(ms);
  }
}

async function read<T>(answer: Response, onPartial?: Ask["onPartial"]): Promise<T> {
  const text = await answer.text();
  let body: { data?: T | null; errors?: readonly GraphQLFault[] };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    body = {}; // a proxy's page, not ours
  }
  const faults = body.errors ?? [];
  if (body.data && (faults.length === 0 || (onPartial && faults.every((fault) => fault.extensions?.code === "FORBIDDEN")))) {
    if (faults.length > 0) onPartial?.(faults);
    return body.data;
  }
  const told = faults.find((fault) => fault.extensions?.retryAfter !== undefined)?.extensions?.retryAfter;
  const header = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const wait = told ?? (Number.isFinite(header) ? header : undefined);
  throw new ApiError(answer.status, faults, wait);
}

/** A payload is null only beside an error, which has been thrown. */
function present<T>(payload: T | null): T {
  if (payload === null) throw new ApiError(200, []);
  return payload;
}

/** Whether the same mutation may succeed in a moment. */
function mayPass(error: unknown): boolean {
  if (error instanceof ApiError) return error.retryAfter !== undefined || error.status >= 500 || error.has("INTERNAL");
  // fetch throws a TypeError when the network fails, and a TimeoutError when nobody answered.
  return error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");
}

function isRunning(error: unknown): boolean {
  return error instanceof ApiError && error.has("CONFLICT") && error.retryAfter !== undefined;
}

function pause(error: unknown, attempt: number): number {
  const told = error instanceof ApiError ? error.retryAfter : undefined;
  return told !== undefined ? told * 1000 : Math.random() * 500 * 2 ** attempt;
}
