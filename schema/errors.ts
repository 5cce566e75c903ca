// Every error code of the graph and the one function that makes a coded error. The index for people is docs/errors.md.
import { GraphQLError } from 'graphql';

export type ErrorCode =
  | 'REGION_UNREACHABLE'
  | 'REGION_TIMEOUT'
  | 'REGION_UNKNOWN'
  | 'REGION_SCHEMA_BEHIND'
  | 'FLEET_UNREACHABLE'
  | 'DATABASE_UNREACHABLE'
  | 'CURSOR_INVALID'
  | 'CURSOR_EXPIRED'
  | 'SUBSCRIPTION_LIMIT'
  | 'OPERATION_TOO_EXPENSIVE'
  | 'OPERATION_NOT_PLANNABLE'
  | 'PLANNER_BUSY'
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED';

/** A fault as clients see it: `extensions.code`, and `extensions.region` where one region is at fault. */
export function codedError(
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}

export const badInput = (message: string): GraphQLError => codedError('BAD_USER_INPUT', message);

/** An expected refusal, as payloads carry it in `userErrors`. */
export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  readonly path?: readonly string[];
}

export type UserErrorCode =
  | 'INVALID'
  | 'TOO_LONG'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'DUPLICATE_MAC'
  | 'DOES_NOT_FIT'
  | 'HOST_UNLOCKED'
  | 'VERSION_CONFLICT'
  | 'IN_USE'
  | 'ALREADY_CLEARED'
  | 'ALREADY_ENDED'
  | 'NOT_ACKNOWLEDGED'
  | 'LIMIT_REACHED'
  | 'REGION_OFFLINE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | HostRefusalCode;

/** Why a host is not asked something now; what to do is in the message, and `Host.actions` says it beforehand. */
export type HostRefusalCode =
  | 'HOST_BUSY'
  | 'HOST_LOCKED'
  | 'HOST_UNLOCKED'
  | 'HOST_OFFLINE'
  | 'HOST_POWERED_ON'
  | 'HOST_POWERED_OFF'
  | 'HOST_INCOMPLETE'
  | 'HOST_IS_ACTIVE_CONTROLLER'
  | 'HOST_IS_STANDBY_CONTROLLER'
  | 'HOST_IS_NO_CONTROLLER'
  | 'HOST_IS_SIMPLEX'
  | 'HOST_IN_SERVICE'
  | 'HOST_NEEDED_BY_STORAGE'
  | 'PEER_NOT_READY'
  | 'POWER_UNAVAILABLE'
  | 'CONFIGURATION_REFUSED';
