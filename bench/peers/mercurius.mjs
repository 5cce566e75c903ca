// Mercurius as a federation gateway. It speaks Federation 1 and takes no data source of one's own: it can serve the classic
// topology only.
import mercuriusGateway from '@mercuriusjs/gateway';
import Fastify from 'fastify';
import { announce, settings } from './front.mjs';

const app = Fastify();
await app.register(mercuriusGateway, {
  gateway: {
    services: Object.entries(settings.services).map(([name, url]) => ({ name, url, keepAliveMaxTimeout: 30_000 })),
  },
});
announce(`${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`);
