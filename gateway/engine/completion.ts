// What went wrong while an answer was written: values that the schema does not allow, and nulls where it allows none.

export interface CompletionError {
  readonly message: string;
  readonly path: (string | number)[];
}

/** Collects the errors of one answer. Paths grow from the value up, so that an answer without errors pays nothing. */
export interface Completion {
  count: number;
  readonly errors: CompletionError[];
}

export const newCompletion = (): Completion => ({ count: 0, errors: [] });

export function report(completion: Completion, message: string, path: (string | number)[]): void {
  completion.errors.push({ message, path });
  completion.count++;
}

/** The errors from the `from`th on lie below `key`. */
export function lieBelow(completion: Completion, from: number, key: string | number): void {
  for (let i = from; i < completion.count; i++) completion.errors[i]!.path.unshift(key);
}
