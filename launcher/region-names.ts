// Names the regions of a local stack. Fixed for life: the nth region has the same id in every run, so it finds its data.
const CITIES = [
  'paris lagos osaka lima cairo quito delhi turin',
  'oslo accra hanoi bogota lyon dakar seoul austin porto tunis manila denver genoa harare perth montreal',
  'malmo nairobi busan havana ghent kigali taipei boston vigo lusaka jakarta tampa bergen windhoek auckland santiago',
]
  .join(' ')
  .split(' ');

/** The first `count` region ids: paris-1, lagos-1, osaka-1, further cities, then region-041 and so on. */
export const regionIds = (count: number): string[] => Array.from({ length: count }, (_, i) => regionIdAt(i));

function regionIdAt(index: number): string {
  const city = CITIES[index];
  return city === undefined ? `region-${String(index + 1).padStart(3, '0')}` : `${city}-1`;
}

/** "paris-1" is shown as "Paris 1". */
export const regionName = (id: string): string =>
  id
    .split('-')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
