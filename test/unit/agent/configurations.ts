// Configurations as an agent is told them; a test says what it is about.
import type { InterfaceConfiguration, NodalConfiguration } from '../../../agent/configuration.ts';

export const aConfiguration = (said: Partial<NodalConfiguration> = {}): NodalConfiguration => ({
  cpu: [],
  memory: [],
  interfaces: [],
  partitions: [],
  storage: [],
  ...said,
});

export const anInterface = (said: Partial<InterfaceConfiguration> = {}): InterfaceConfiguration => ({
  ...{ name: 'eno1', type: 'ETHERNET', class: 'PLATFORM', port: null, networks: [], vlanId: null, uses: [] },
  ...{ bondMode: null, vfCount: null, vfDriver: null, mtu: 1_500 },
  ...said,
});
