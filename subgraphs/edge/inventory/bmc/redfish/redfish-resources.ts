// The parts of Redfish's resources that are read (DSP2046 has them all). Everything but links may be missing or of another
// type than the standard says: then it counts as not said.
import { z } from 'zod';

/** What is there and readable, else null. */
const maybe = <T extends z.ZodType>(shape: T) => shape.nullish().catch(null).default(null);
const text = maybe(z.string());
const number = maybe(z.number());

/**
 * A path at the same service. Whole URLs are not followed: they would take the token with them. Some services leave the
 * blanks of a sensor's name in it.
 */
const path = z
  .string()
  .regex(/^\/(?!\/)\P{Cc}*$/u)
  .transform(text => text.split('#')[0]!.replaceAll(' ', '%20'));
export const Link = z.object({ '@odata.id': path }).transform(link => link['@odata.id']);
const link = maybe(Link);
const links = z
  .array(z.unknown())
  .catch([])
  .default([])
  .transform(all =>
    all.flatMap(one => {
      const read = Link.safeParse(one);
      return read.success ? [read.data] : [];
    }),
  );

export const ServiceRoot = z
  .object({
    RedfishVersion: z.string(),
    Vendor: text,
    Systems: link,
    Chassis: link,
    Managers: link,
    EventService: link,
    SessionService: link,
    Links: maybe(z.object({ Sessions: link })),
    ProtocolFeaturesSupported: maybe(
      z.object({ ExpandQuery: maybe(z.object({ NoLinks: maybe(z.boolean()), Levels: maybe(z.boolean()) })) }),
    ),
  })
  .readonly();

export const Collection = z.object({
  Members: z.array(z.unknown()).catch([]).default([]),
  'Members@odata.nextLink': maybe(path),
  'Members@odata.count': number,
});

export const Status = maybe(z.object({ State: text, Health: text }));

const allowed = maybe(z.array(z.string()));
const ResetAction = z.object({
  target: path,
  'ResetType@Redfish.AllowableValues': allowed,
  '@Redfish.ActionInfo': maybe(path),
});

export const ComputerSystem = z.object({
  SerialNumber: text,
  PowerState: text,
  Boot: maybe(
    z.object({
      BootSourceOverrideMode: text,
      'BootSourceOverrideTarget@Redfish.AllowableValues': allowed,
    }),
  ),
  Actions: maybe(z.object({ '#ComputerSystem.Reset': maybe(ResetAction) })),
  Links: maybe(z.object({ Chassis: links, ManagedBy: links })),
  LogServices: link,
});

export const ActionInfo = z.object({
  Parameters: z
    .array(z.object({ Name: z.string(), AllowableValues: allowed }))
    .catch([])
    .default([]),
});

export const Chassis = z.object({ Sensors: link, Thermal: link, Power: link });

const threshold = maybe(z.object({ Reading: number }));
export const SensorResource = z.object({
  Name: text,
  Id: text,
  ReadingType: text,
  ReadingUnits: text,
  Reading: number,
  Status,
  Thresholds: maybe(
    z.object({
      LowerCaution: threshold,
      LowerCritical: threshold,
      LowerFatal: threshold,
      UpperCaution: threshold,
      UpperCritical: threshold,
      UpperFatal: threshold,
    }),
  ),
});
export type SensorResource = z.output<typeof SensorResource>;

const limits = {
  LowerThresholdNonCritical: number,
  LowerThresholdCritical: number,
  LowerThresholdFatal: number,
  UpperThresholdNonCritical: number,
  UpperThresholdCritical: number,
  UpperThresholdFatal: number,
};
export const Limits = z.object(limits);
export type Limits = z.output<typeof Limits>;

const listOf = <T extends z.ZodType>(shape: T) => z.array(shape).catch([]).default([]);

export const Thermal = z.object({
  Temperatures: listOf(z.object({ ...limits, Name: text, ReadingCelsius: number, Status })),
  Fans: listOf(
    z.object({ ...limits, Name: text, FanName: text, Reading: number, ReadingRPM: number, ReadingUnits: text, Status }),
  ),
});
export type Thermal = z.output<typeof Thermal>;

export const Power = z.object({
  PowerControl: listOf(z.object({ Name: text, PowerConsumedWatts: number, Status })),
  Voltages: listOf(z.object({ ...limits, Name: text, ReadingVolts: number, Status })),
  PowerSupplies: listOf(z.object({ Name: text, PowerInputWatts: number, LastPowerOutputWatts: number, Status })),
});
export type Power = z.output<typeof Power>;

export const Manager = z.object({ LogServices: link });
export const LogService = z.object({ LogEntryType: text, Entries: link });
export const LogEntryResource = z.object({
  Id: z.string(),
  Created: text,
  EventTimestamp: text,
  Severity: text,
  Message: text,
  MessageId: text,
});
export type LogEntryResource = z.output<typeof LogEntryResource>;

export const EventService = z.object({ ServiceEnabled: maybe(z.boolean()), Subscriptions: link });
export const EventDestination = z.object({ Destination: text, Status });
