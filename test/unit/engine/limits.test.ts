import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { operationOf } from '../../../gateway/engine/client-operation.ts';
import { checkLimits, DEFAULT_LIMITS } from '../../../gateway/engine/limits.ts';

const check = (text: string): void => checkLimits(operationOf(parse(text), null), DEFAULT_LIMITS);
const refusal = (text: string): string => {
  try {
    check(text);
    return 'taken';
  } catch (error) {
    const { extensions } = error as { extensions: Record<string, unknown> };
    return `${extensions['code']} ${extensions['limit']}`;
  }
};
const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');

describe('an operation that costs too much', () => {
  it('is refused when fragments double at each step, without being opened', () => {
    const bombs = times(60, i => `fragment F${i} on T { ...F${i + 1} ...F${i + 1} }`);
    expect(refusal(`{ ...F0 } ${bombs} fragment F60 on T { a }`)).toBe('OPERATION_TOO_EXPENSIVE fields');
  });

  it('is refused when nested fields double at each step', () => {
    const nested = times(25, i => `fragment F${i} on T { a { ...F${i + 1} } b: a { ...F${i + 1} } }`);
    expect(refusal(`{ ...F0 } ${nested} fragment F25 on T { a }`)).toMatch(/^OPERATION_TOO_EXPENSIVE/);
  });

  it('is refused when it is too deep, also through fragments', () => {
    expect(refusal(`${'{ a '.repeat(31)}${'}'.repeat(31)}`)).toBe('OPERATION_TOO_EXPENSIVE depth');
    const chain = times(31, i => `fragment F${i} on T { a { ...F${i + 1} } }`);
    expect(refusal(`{ ...F0 } ${chain} fragment F31 on T { a }`)).toBe('OPERATION_TOO_EXPENSIVE depth');
  });

  it('is refused when it has too many aliases or directives', () => {
    expect(refusal(`{ ${times(1_001, i => `a${i}: a`)} }`)).toBe('OPERATION_TOO_EXPENSIVE aliases');
    expect(refusal(`{ a ${times(501, () => '@skip(if: false)')} }`)).toBe('OPERATION_TOO_EXPENSIVE directives');
  });

  it('ends even when fragments go in a circle', () => {
    expect(refusal('{ ...A } fragment A on T { a ...B } fragment B on T { b ...A }')).toBe('taken');
  });

  it('says which limit, how much and what to do', () => {
    expect(() => check(`${'{ a '.repeat(31)}${'}'.repeat(31)}`)).toThrow(
      'The operation has 31 where 30 levels of fields are allowed: ask for less at once, or in several operations.',
    );
  });
});

it('takes a dashboard of many panels', () => {
  const panel = (i: number): string =>
    `p${i}: regions { nodes { id hosts { nodes { id hostname alarms { nodes { id } } } } } }`;
  expect(refusal(`{ ${times(100, panel)} }`)).toBe('taken');
});
