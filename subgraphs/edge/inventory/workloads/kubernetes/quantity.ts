// Kubernetes' quantities, "500m", "2Gi", "1e3", as numbers.
const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** 0 for what is none: it comes from a foreign API, and a pod is shown all the same. */
export function quantity(text: string | undefined): number {
  const [, number, suffix = ''] = QUANTITY.exec(text ?? '') ?? [];
  return number === undefined ? 0 : Number(number) * SUFFIXES[suffix]!;
}

const MIB = 2 ** 20;

/** In whole MiB, rounded up. */
export const mebibytes = (text: string | undefined): number => Math.ceil(quantity(text) / MIB);
