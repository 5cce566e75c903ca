// Temperatures, fans, voltages, currents and power from /sys/class/hwmon: what the machine itself measures, without its
// management controller.
import path from 'node:path';
import type { SensorKind, SensorReport } from '../report.ts';
import { listNames, readNumber, readText } from './files.ts';

/** By the prefix of the file: what it measures, and how many of its units make one of ours (kernel's hwmon interface). */
const KINDS: Readonly<Record<string, readonly [SensorKind, number]>> = {
  temp: ['TEMPERATURE', 1_000],
  fan: ['FAN', 1],
  in: ['VOLTAGE', 1_000],
  curr: ['CURRENT', 1_000],
  power: ['POWER', 1_000_000],
};

/** `sys` is `/sys`. */
export async function readSensors(sys: string): Promise<SensorReport[]> {
  const root = path.join(sys, 'class/hwmon');
  const chips = await Promise.all((await listNames(root)).map(chip => readChip(path.join(root, chip))));
  return chips.flat();
}

async function readChip(folder: string): Promise<SensorReport[]> {
  const chip = (await readText(folder, 'name')) ?? path.basename(folder);
  const inputs = (await listNames(folder)).filter(name => /^[a-z]+\d+_(input|average)$/.test(name));
  const sensors = await Promise.all(
    inputs.map(async input => {
      const known = KINDS[input.match(/^[a-z]+/)![0]];
      const raw = known ? await readNumber(folder, input) : null;
      if (!known || raw === null) return null;
      const channel = input.replace(/_(input|average)$/, '');
      const label = (await readText(folder, `${channel}_label`)) ?? channel;
      return { name: `${chip} ${label}`, kind: known[0], value: raw / known[1] };
    }),
  );
  return sensors.filter(sensor => sensor !== null);
}
