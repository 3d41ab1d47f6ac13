export { Client, type Ask, type ClientOptions } from "./client.js";
export { AlreadyDone, ApiError, CursorExpired, SignedOut, type GraphQLFault, type Refusal } from "./errors.js";
export { Live, type Event, type Follow, type LiveOptions } from "./live.js";
export { Session, type Refresh, type SessionOptions, type Tokens } from "./session.js";
export * from "./generated.js";
