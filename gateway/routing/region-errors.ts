// How a region that gave no answer is told to clients.
import { codedError } from '../../schema/errors.ts';
import type { EdgeSubgraph } from '../../schema/sources.ts';
import type { SubgraphError, TransportFailure } from './transport.ts';

/** Why a region has no part in an answer; the same for every field of one request. */
export type RegionFailure = TransportFailure | 'unknown';

export function regionError(
  region: string,
  subgraph: EdgeSubgraph,
  failure: RegionFailure,
  { isMutation, wasSent }: { readonly isMutation: boolean; readonly wasSent: boolean },
): SubgraphError {
  if (failure === 'unknown')
    return toPlain(
      codedError(
        'REGION_UNKNOWN',
        `No region ${region} is in the graph: check the id, or add the region with addRegion.`,
        { region },
      ),
    );
  const change = wasSent
    ? 'It is not known whether the change was made: ask again with the same idempotencyKey.'
    : 'The change was not sent.';
  const left = isMutation ? change : `What its ${subgraph} subgraph knows is left out of this answer.`;
  const reason = failure.message;
  return failure.kind === 'timeout'
    ? toPlain(codedError('REGION_TIMEOUT', `Region ${region} gave ${reason}. ${left}`, { region, reason }))
    : toPlain(
        codedError('REGION_UNREACHABLE', `Region ${region} cannot be reached: ${reason}. ${left}`, { region, reason }),
      );
}

const toPlain = ({ message, extensions }: ReturnType<typeof codedError>): SubgraphError => ({ message, extensions });
