// Turns what a zod schema finds wrong with an input, or with a part of it, into userErrors.
import type { z } from 'zod';
import type { UserError } from '../../schema/errors.ts';

export function inputErrors(checks: z.ZodType, input: unknown, at: readonly string[] = ['input']): UserError[] {
  const parsed = checks.safeParse(input);
  return parsed.success
    ? []
    : parsed.error.issues.map(issue => ({
        code: issue.code === 'too_big' ? 'TOO_LONG' : 'INVALID',
        message: issue.message,
        path: [...at, ...issue.path.map(String)],
      }));
}
