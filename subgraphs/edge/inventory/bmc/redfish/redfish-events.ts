// Has a Redfish service post its events to the region. What they say is only a hint to look: the state is read.
import { BmcError } from '../bmc-error.ts';
import type { EventTarget } from '../board-controller.ts';
import type { RedfishClient } from './redfish-client.ts';
import { EventDestination, EventService } from './redfish-resources.ts';

/** Answers where the subscription lies; null when the service has no events, or does not take this destination. */
export async function subscribeAt(
  client: RedfishClient,
  { url, before }: EventTarget,
  signal: AbortSignal,
): Promise<string | null> {
  if (before !== null) await client.remove(before, signal).catch(() => undefined); // it may be of another service by now
  const { EventService: path } = await client.root(signal);
  const service = path === null ? null : (await client.find(path, EventService, signal))?.value;
  if (!service?.Subscriptions || service.ServiceEnabled === false) return null;
  try {
    return await client.post(
      service.Subscriptions,
      { Destination: url, Protocol: 'Redfish', Context: 'murmuration', EventFormatType: 'Event' },
      signal,
    );
  } catch (error) {
    if (!(error instanceof BmcError) || error.code !== 'REFUSED') throw error;
    // before 1.3 services knew no format and wanted the types of events
    const body = {
      Destination: url,
      Protocol: 'Redfish',
      Context: 'murmuration',
      EventTypes: ['Alert', 'StatusChange'],
    };
    return client.post(service.Subscriptions, body, signal);
  }
}

/** Services drop subscriptions that they could not deliver to, and forget them when they start anew. */
export async function isSubscribedAt(
  client: RedfishClient,
  subscription: string,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await client.find(subscription, EventDestination, signal);
  return found !== null && found.value.Status?.State !== 'Disabled';
}
