// A failure that was foreseen. Its message is for the person at the terminal and says what to do next: no stack is shown.
export class LaunchError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LaunchError';
  }
}

/** The text of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of a failed system call, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/** Said of anything in a data folder that cannot be used. */
export const damaged = (folder: string, what: string): LaunchError =>
  new LaunchError(
    `The data folder ${folder} is damaged: ${what}. Nothing was changed. Put it back from a backup, choose another ` +
      'with --data, or begin anew with --fresh (npm start -- --fresh), which removes all it holds',
  );
