// Splits an entity fetch by the region in each representation's id and asks the regions side by side: the least that lets
// a gateway which knows nothing of regions answer for them. It has no deadline and no error handling.
import { Agent, request } from 'undici';

const agent = new Agent({ connections: 8, keepAliveTimeout: 30_000 });

/** Posts one GraphQL request over undici's keep-alive pools and gives back the parsed answer. */
export async function post(url, body) {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    dispatcher: agent,
  });
  return answer.body.json();
}

/** The answer of all regions to one entity fetch, in the order asked. `regions`: endpoint by region id. */
export async function askRegions(regions, subgraph, { query, variables }) {
  const { representations } = variables;
  const indexesByRegion = new Map();
  representations.forEach(({ id }, index) => {
    const region = id.slice(0, id.indexOf('/') < 0 ? undefined : id.indexOf('/'));
    const indexes = indexesByRegion.get(region);
    if (indexes) indexes.push(index);
    else indexesByRegion.set(region, [index]);
  });
  const data = {};
  await Promise.all(
    [...indexesByRegion].map(async ([region, indexes]) => {
      const answer = await post(`${regions[region]}/${subgraph}/graphql`, {
        query,
        variables: { ...variables, representations: indexes.map(index => representations[index]) },
      });
      // a planner may ask several lists of entities at once, under aliases
      for (const [name, entities] of Object.entries(answer.data)) {
        data[name] ??= new Array(representations.length);
        for (let i = 0; i < indexes.length; i++) data[name][indexes[i]] = entities[i];
      }
    }),
  );
  return { data };
}

export const isEntityFetch = ({ variables }) => Array.isArray(variables?.representations);
