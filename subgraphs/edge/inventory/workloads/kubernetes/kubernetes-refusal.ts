// What an answer of the Kubernetes API that is no success says, whichever part of the client it came through. Pure.

/** The status of an HTTP answer, which the client says as `code` of requests and `statusCode` of watches. */
export function statusOf(error: unknown): number | undefined {
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  return [code, statusCode].find(each => typeof each === 'number' && each >= 400 && each < 600) as number | undefined;
}

interface Status {
  readonly message?: unknown;
  readonly details?: { readonly causes?: readonly { readonly message?: unknown }[] } | null;
}

/** The words of the API, which name a missing right, and with their causes the disruption budget; else the error's own, on one line. */
export function reasonOf(error: unknown): string {
  const { body, message } = (error ?? {}) as { readonly body?: unknown; readonly message?: string };
  const status = ((typeof body === 'string' ? parsed(body) : body) ?? {}) as Status;
  const causes = Array.isArray(status.details?.causes) ? status.details.causes.map(cause => cause?.message) : [];
  const said = [status.message, ...causes].filter(each => typeof each === 'string' && each !== '');
  if (said.length === 0) return firstLine(message ?? String(error));
  return said.map(each => `${each}`.replace(/\.?$/, '.')).join(' ');
}

/** The client says several things on lines of their own: the status, what it means, the body, the headers. */
function firstLine(message: string): string {
  const [, status, meaning] = /^HTTP-Code: (\d+)\nMessage: (.*)/.exec(message) ?? [];
  return status === undefined ? message.split('\n')[0]! : `HTTP ${status} ${meaning}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the answer of a proxy: the error's own message says its status
  }
}
