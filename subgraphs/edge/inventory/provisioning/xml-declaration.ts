// A `<host>` of StarlingX's document as a declaration, and back. Pure.
import { type BmcType, type Declaration, DeclarationChecks } from './declaration.ts';
import type { DeclaredHost } from './declared-host.ts';
import type { HostElement, Problem, XmlHost } from './hosts-xml.ts';

export type ReadDeclaration =
  | { readonly declaration: Declaration; readonly problems: readonly Problem[] }
  | { readonly declaration: null; readonly problems: readonly Problem[] };

/** The declaration, or every fault of it with the line of the element that it is about. */
export function readDeclaration(host: XmlHost): ReadDeclaration {
  const { values, lines } = host;
  const said = (name: HostElement): string | undefined => values[name] || undefined; // an empty element says nothing
  const parsed = DeclarationChecks.safeParse({
    managementMac: said('mgmt_mac'),
    hostname: said('hostname'),
    personality: roleOf(said('personality')),
    subfunctions: said('subfunctions')
      ?.split(',')
      .map(name => name.trim()),
    managementIp: said('mgmt_ip'),
    location: said('location'),
    bmc: bmcOf(said),
    bmcPassword: said('bm_password'),
    install: {
      bootDevice: said('boot_device'),
      rootfsDevice: said('rootfs_device'),
      hwSettle: said('hw_settle') === undefined ? undefined : Number(said('hw_settle')),
      installOutput: said('install_output')?.toUpperCase(),
      console: said('console'),
      tboot: said('tboot'),
      vscControllers: said('vsc_controllers'),
      apparmor: said('apparmor')?.toUpperCase(),
      softwareVersion: said('sw_version'),
    },
    powerOn: values.power_on !== undefined,
  });
  const problems = [...host.problems];
  if (parsed.success && problems.length === 0) return { declaration: parsed.data, problems };
  for (const { path, message } of parsed.error?.issues ?? []) {
    const element = ELEMENT_OF[path.join('.')] ?? ELEMENT_OF[String(path[0])]; // a list's entry is its element
    problems.push({
      line: (element && lines[element]) ?? host.line,
      message: element ? `<${element}>: ${message}` : message,
    });
  }
  return { declaration: null, problems };
}

const ELEMENT_OF: Readonly<Record<string, HostElement>> = {
  managementMac: 'mgmt_mac',
  hostname: 'hostname',
  personality: 'personality',
  subfunctions: 'subfunctions',
  managementIp: 'mgmt_ip',
  location: 'location',
  'bmc.type': 'bm_type',
  'bmc.ip': 'bm_ip',
  'bmc.username': 'bm_username',
  bmcPassword: 'bm_password',
  'install.bootDevice': 'boot_device',
  'install.rootfsDevice': 'rootfs_device',
  'install.hwSettle': 'hw_settle',
  'install.installOutput': 'install_output',
  'install.console': 'console',
  'install.tboot': 'tboot',
  'install.vscControllers': 'vsc_controllers',
  'install.apparmor': 'apparmor',
  'install.softwareVersion': 'sw_version',
};

/** `compute` is what StarlingX called a worker before. */
const roleOf = (text: string | undefined): string | undefined => (text === 'compute' ? 'WORKER' : text?.toUpperCase());

/** An address and a user without a type are `dynamic`; `none` takes the BMC away. */
function bmcOf(said: (name: HostElement) => string | undefined) {
  const [type, ip, username] = [said('bm_type'), said('bm_ip'), said('bm_username')];
  if (type === 'none') return null;
  if (type === undefined && ip === undefined && username === undefined) return undefined;
  return { type: (type ?? 'dynamic').toUpperCase(), ip, username };
}

const ROLE: Readonly<Record<string, string>> = {
  CONTROLLER: 'controller',
  WORKER: 'worker',
  STORAGE: 'storage',
  EDGEWORKER: 'edgeworker',
};

/** What an export says of a host: all but the password of its BMC. */
export function writeDeclaration(host: DeclaredHost): Readonly<Partial<Record<HostElement, string>>> {
  const { install, bmc } = host;
  return defined({
    hostname: host.hostname,
    personality: host.personality && ROLE[host.personality],
    subfunctions: host.subfunctions.length > 0 ? host.subfunctions.join(',') : undefined,
    mgmt_mac: host.managementMac,
    mgmt_ip: host.managementIp,
    bm_ip: bmc?.ip,
    bm_type: bmc ? BMC_TEXT[bmc.type] : 'none',
    bm_username: bmc?.username,
    boot_device: install?.bootDevice,
    rootfs_device: install?.rootfsDevice,
    hw_settle: install && String(install.hwSettle),
    install_output: install?.installOutput.toLowerCase(),
    console: install?.console,
    tboot: install?.tboot,
    vsc_controllers: install?.vscControllers || undefined,
    apparmor: install?.apparmor.toLowerCase(),
    sw_version: install?.softwareVersion || undefined,
    location: host.location,
  });
}

const BMC_TEXT: Readonly<Record<BmcType, string>> = { DYNAMIC: 'dynamic', IPMI: 'ipmi', REDFISH: 'redfish' };

const defined = (values: Readonly<Partial<Record<HostElement, string | null | undefined>>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as Partial<
    Record<HostElement, string>
  >;
