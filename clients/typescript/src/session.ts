import { SignedOut, type Refusal } from "./errors.js";
import type { SessionTokensFragment } from "./generated.js";

export type Tokens = Pick<SessionTokensFragment, "accessToken" | "accessTokenExpiresAt" | "refreshToken" | "refreshTokenExpiresAt">;

/** Trades a refresh token; throws when the API could not be reached. */
export type Refresh = (refreshToken: string) => Promise<{ tokens: Tokens | null; refusals: readonly Refusal[] }>;

export interface SessionOptions {
  /** Called with every change, before anybody uses the new tokens: keep them, or forget them when null. */
  readonly onChange?: (tokens: Tokens | null) => void | Promise<void>;
  readonly now?: () => number;
}

/** An access token about to end is renewed this long before, so that no request carries a dead one. */
const MARGIN_MS = 30_000;

/**
 * The tokens of a signed-in device.
 *
 * A refresh token is good for one trade, and one that comes back later ends the session on every device that holds it.
 * So all who need a new access token wait for the same trade, and the new pair is kept before anybody sees it.
 */
export class Session {
  #tokens: Tokens | null = null;
  #trade: Promise<Tokens> | null = null;

  constructor(
    private readonly refresh: Refresh,
    private readonly options: SessionOptions = {},
  ) {}

  get tokens(): Tokens | null {
    return this.#tokens;
  }

  async set(tokens: Tokens | null): Promise<void> {
    await this.options.onChange?.(tokens);
    this.#tokens = tokens;
  }

  /** A token that is good for a while; none when signed out. */
  async accessToken(): Promise<string | undefined> {
    const tokens = this.#tokens;
    if (!tokens) return undefined;
    const left = Date.parse(tokens.accessTokenExpiresAt) - (this.options.now ?? Date.now)();
    return left > MARGIN_MS ? tokens.accessToken : (await this.#renewed()).accessToken;
  }

  /** A token other than the one that was just refused; a trade only if nobody made one meanwhile. */
  async after(refused: string | undefined): Promise<string> {
    const tokens = this.#tokens;
    if (!tokens) throw new SignedOut();
    return tokens.accessToken !== refused ? tokens.accessToken : (await this.#renewed()).accessToken;
  }

  #renewed(): Promise<Tokens> {
    this.#trade ??= this.#renew().finally(() => (this.#trade = null));
    return this.#trade;
  }

  async #renew(): Promise<Tokens> {
    if (!this.#tokens) throw new SignedOut();
    const { tokens, refusals } = await this.#traded(this.#tokens.refreshToken);
    await this.set(tokens);
    if (!tokens) throw new SignedOut(refusals);
    return tokens;
  }

  /** An answer that was lost on the way is asked for once more: within 10 seconds the API gives the same successor again. */
  async #traded(refreshToken: string): ReturnType<Refresh> {
    try {
      return await this.refresh(refreshToken);
    } catch {
      return await this.refresh(refreshToken);
    }
  }
}
