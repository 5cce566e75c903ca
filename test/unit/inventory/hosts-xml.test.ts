// Reading and writing StarlingX's `hosts` document.
import { describe, expect, test } from 'vitest';
import { MAX_HOSTS, readHostsXml, writeHostsXml } from '../../../subgraphs/edge/inventory/provisioning/hosts-xml.ts';

const hostOf = (elements: string) => readHostsXml(`<hosts>\n<host>\n${elements}\n</host>\n</hosts>`).hosts[0]!;

describe('a hosts document', () => {
  test('gives each host its elements and their lines', () => {
    const { hosts, fault } = readHostsXml(
      '<?xml version="1.0"?>\n<hosts version="1">\n<!-- two -->\n<host>\n<hostname>a &amp; b</hostname>\n<location/></host>\n<host><power_on /></host>\n</hosts>',
    );
    expect(fault).toBeNull();
    expect(hosts).toMatchObject([
      { line: 4, values: { hostname: 'a & b', location: '' }, lines: { hostname: 5 }, problems: [] },
      { line: 7, values: { power_on: '' } },
    ]);
  });

  test('that was written is read again as it was', () => {
    const values = { hostname: 'a<b>&"c"', mgmt_mac: '08:00:27:d0:e0:2b', location: '' };
    expect(readHostsXml(writeHostsXml([values, {}])).hosts.map(host => host.values)).toEqual([values, {}]);
  });

  test.each([
    ['an unknown element', '<mac>1</mac>', '<mac> is no element of a host.'],
    ['an element twice', '<hostname>a</hostname><hostname>b</hostname>', '<hostname> appears twice.'],
    ['an element within an element', '<hostname><b>a</b></hostname>', '<hostname> must hold text only; here is <b>.'],
    ['text beside the elements', 'loose', 'Text between elements.'],
    [
      'a text beyond all measure',
      `<hostname>${'x'.repeat(100_000)}</hostname>`,
      '<hostname> has more than 1000 characters.',
    ],
    ['a CDATA text beyond all measure', `<hostname><![CDATA[${'x'.repeat(2_000)}]]></hostname>`, 'more than 1000'],
  ])('with %s says so, with the line', (_, elements, message) => {
    expect(hostOf(elements).problems).toMatchObject([
      { line: elements === 'loose' ? 4 : 3, message: expect.stringContaining(message) },
    ]);
  });

  test.each([
    ['nothing', '', 'holds no <host>'],
    ['no host', '<hosts/>', 'holds no <host>'],
    ['no XML', 'hostname=compute-0', 'not well-formed'],
    ['an end that is missing', '<hosts><host>', 'not well-formed'],
    ['another root', '<host/>', 'must be one <hosts>'],
    ['two roots', '<hosts><host/></hosts><hosts><host/></hosts>', 'must be one <hosts>'],
    ['another child', '<hosts><server/></hosts>', '<host> elements only'],
    ['a DOCTYPE', '<!DOCTYPE hosts SYSTEM "file:///etc/passwd"><hosts><host/></hosts>', 'DOCTYPE'],
    [
      'an entity bomb',
      '<!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><hosts><host><hostname>&b;</hostname></host></hosts>',
      'DOCTYPE',
    ],
    ['an entity of its own', '<hosts><host><hostname>&xxe;</hostname></host></hosts>', 'not well-formed'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><hosts><host/></hosts>', 'send it as UTF-8'],
    ['a deep nest', `<hosts><host><hostname>${'<a>'.repeat(20)}`, 'nested too deep'],
    ['too many hosts', `<hosts>${'<host/>'.repeat(MAX_HOSTS + 1)}</hosts>`, 'At most 5000'],
  ])('with %s is refused as a whole', (_, document, message) => {
    expect(readHostsXml(document)).toMatchObject({ hosts: [], fault: { message: expect.stringContaining(message) } });
  });
});
