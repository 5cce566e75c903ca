// Turns what a zod schema finds wrong with an input into userErrors.
import type { z } from 'zod';
import type { UserError } from '../../schema/errors.ts';

export function inputErrors(checks: z.ZodType, input: unknown): UserError[] {
  const parsed = checks.safeParse(input);
  return parsed.success
    ? []
    : parsed.error.issues.map(issue => ({
        code: issue.code === 'too_big' ? 'TOO_LONG' : 'INVALID',
        message: issue.message,
        path: ['input', ...issue.path.map(String)],
      }));
}
