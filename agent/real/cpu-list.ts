// The kernel's lists of CPUs: `0-3,8,10-11`. Pure.

const MOST = 65_536; // a list of a broken file must not fill the memory

/** In order; what is no number or range is left out. */
export function readCpuList(text: string | null): number[] {
  const numbers = (text ?? '').split(',').flatMap(part => {
    const found = part.trim().match(/^(\d{1,5})(?:-(\d{1,5}))?$/);
    if (!found) return [];
    const from = Number(found[1]);
    return Array.from({ length: Math.max(0, Number(found[2] ?? from) - from + 1) }, (_, i) => from + i);
  });
  return [...new Set(numbers)].sort((a, b) => a - b).slice(0, MOST);
}
