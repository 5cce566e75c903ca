// Reads the body that a subgraph answered with: any answer that has the shape of GraphQL, whatever its status, since a 400
// carries its errors in the body.
import { type SubgraphAnswer, type SubgraphError, TransportFailure } from './transport.ts';

/** Throws TransportFailure `unusable`. */
export function readAnswer(status: number, body: Buffer): SubgraphAnswer {
  if (status === 401) throw new TransportFailure('unusable', 'refused the token of this gateway');
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (isAnswer(value)) return value;
  } catch {
    // told below: what is no JSON is no answer
  }
  throw new TransportFailure('unusable', `answered with status ${status} and no GraphQL`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isAnswer = (value: unknown): value is SubgraphAnswer =>
  isObject(value) &&
  (value['data'] === undefined || value['data'] === null || isObject(value['data'])) &&
  (value['errors'] === undefined || (Array.isArray(value['errors']) && value['errors'].every(isError))) &&
  ('data' in value || 'errors' in value);

const isError = (value: unknown): value is SubgraphError =>
  isObject(value) &&
  typeof value['message'] === 'string' &&
  (value['path'] === undefined || Array.isArray(value['path'])) &&
  (value['extensions'] === undefined || isObject(value['extensions']));
