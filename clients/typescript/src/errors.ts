import type { UserErrorCode } from "./generated.js";

/** One entry of an answer's `errors`. */
export interface GraphQLFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly requestId?: string; readonly retryAfter?: number };
}

/** The API answered, and not with what was asked for. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly faults: readonly GraphQLFault[],
    /** Seconds after which it is worth trying again. */
    readonly retryAfter?: number,
  ) {
    super(faults.map((fault) => fault.message).join("; ") || `HTTP ${status}`);
  }

  has(code: string): boolean {
    return this.faults.some((fault) => fault.extensions?.code === code);
  }
}

/**
 * The mutation was done when it was sent before, and its answer is lost: load anew what it changes. Sending it under another
 * key would do it twice.
 */
export class AlreadyDone extends Error {
  override readonly name = "AlreadyDone";
}

/** A rule said no; the sentences are in the reader's language and meant to be shown. */
export interface Refusal {
  readonly message: string;
  readonly code: UserErrorCode;
  readonly path: readonly string[] | null;
}

/** The session is over: ask for the password again. */
export class SignedOut extends Error {
  override readonly name = "SignedOut";

  constructor(readonly refusals: readonly Refusal[] = []) {
    super(refusals[0]?.message ?? "Signed out");
  }
}

/** The cursor is older than what the API keeps: load the list again and follow it from its `streamCursor`. */
export class CursorExpired extends Error {
  override readonly name = "CursorExpired";
}
