// StarlingX's `hosts` document, read and written. Reading is a stream that expands no entity, takes no DOCTYPE, and keeps
// the line of everything, so that a fault can be shown to who wrote it. Pure.
// Source of the format: sysinv `bulk_add` and `bulk_export` (shared/domain/starlingx-model.md, a.6).
import sax from 'sax';

/** Elements of a `<host>`, as StarlingX names them. `mgmt_ip` and `tboot` are only in what it exports. */
export const HOST_ELEMENTS = [
  'hostname',
  'personality',
  'subfunctions',
  'mgmt_mac',
  'mgmt_ip',
  'bm_ip',
  'bm_type',
  'bm_username',
  'bm_password',
  'boot_device',
  'rootfs_device',
  'hw_settle',
  'install_output',
  'console',
  'tboot',
  'vsc_controllers',
  'power_on',
  'location',
  'apparmor',
  'sw_version',
] as const;

export type HostElement = (typeof HOST_ELEMENTS)[number];

export interface Problem {
  /** Line in the document, from 1; null when it is not from a document. */
  readonly line: number | null;
  readonly message: string;
}

/** One `<host>`: the text of each element that is there; an empty element is the empty text. */
export interface XmlHost {
  readonly line: number;
  readonly values: Readonly<Partial<Record<HostElement, string>>>;
  readonly lines: Readonly<Partial<Record<HostElement, number>>>;
  readonly problems: readonly Problem[];
}

export interface HostsDocument {
  readonly hosts: readonly XmlHost[];
  /** What makes the document as a whole unreadable, or null. */
  readonly fault: Problem | null;
}

export const MAX_HOSTS = 5_000;
const MAX_TEXT = 1_000; // characters of one element
const MAX_PROBLEMS = 50; // of one host

class Unreadable extends Error {}

export function readHostsXml(document: string): HostsDocument {
  const parser = sax.parser(true, { position: true });
  const hosts: XmlHost[] = [];
  const line = (): number => parser.line + 1;
  const refuse = (message: string): never => {
    throw new Unreadable(message);
  };
  const path: string[] = [];
  let rooted = false;
  let host: Building | null = null;
  let element: { readonly name: string; readonly line: number; text: string } | null = null;

  parser.onerror = error => refuse(`The document is not well-formed XML: ${error.message.split('\n')[0]}.`);
  parser.ondoctype = () => refuse('A DOCTYPE is not taken: entities and external files have no place here.');
  parser.onprocessinginstruction = ({ name, body }) => {
    const encoding = name === 'xml' ? /encoding\s*=\s*["']([^"']*)["']/.exec(body)?.[1] : undefined;
    if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding))
      refuse(`The document says that it is ${encoding}: send it as UTF-8.`);
  };
  parser.onopentag = ({ name }) => {
    path.push(name);
    if (path.length === 1) {
      if (name !== 'hosts' || rooted) refuse(`The root element must be one <hosts>; here is <${name}>.`);
      rooted = true;
    }
    if (path.length === 2) {
      if (name !== 'host') refuse(`<hosts> holds <host> elements only; here is <${name}>.`);
      if (hosts.length >= MAX_HOSTS) refuse(`At most ${MAX_HOSTS} hosts in one document: split it.`);
      host = building(line());
    }
    if (path.length === 3) element = { name, line: line(), text: '' };
    if (path.length === 4) host?.problem(line(), `<${element?.name}> must hold text only; here is <${name}>.`);
    if (path.length > 16) refuse('Elements are nested too deep.');
  };
  const onText = (text: string): void => {
    if (element && path.length === 3) element.text = (element.text + text).slice(0, MAX_TEXT + 1);
    else if (path.length < 3 && text.trim() !== '') {
      if (host) host.problem(line(), 'Text between elements.');
      else refuse('Text between elements.');
    }
  };
  parser.ontext = onText;
  parser.oncdata = onText;
  parser.onclosetag = () => {
    if (path.length === 3 && element) host?.take(element.name, element.text.trim(), element.line);
    if (path.length === 3) element = null;
    if (path.length === 2 && host) hosts.push(host.done());
    if (path.length === 2) host = null;
    path.pop();
  };

  try {
    parser.write(document).close();
    if (hosts.length === 0) return { hosts, fault: { line: 1, message: 'The document holds no <host>.' } };
    return { hosts, fault: null };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { hosts: [], fault: { line: line(), message: error.message } };
  }
}

type Building = ReturnType<typeof building>;

function building(line: number) {
  const values: Partial<Record<HostElement, string>> = {};
  const lines: Partial<Record<HostElement, number>> = {};
  const problems: Problem[] = [];
  const problem = (at: number, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ line: at, message });
  };
  return {
    problem,
    take: (name: string, text: string, at: number): void => {
      if (!isHostElement(name)) problem(at, `<${name}> is no element of a host.`);
      else if (values[name] !== undefined) problem(at, `<${name}> appears twice.`);
      else if (text.length > MAX_TEXT) problem(at, `<${name}> has more than ${MAX_TEXT} characters.`);
      else {
        values[name] = text;
        lines[name] = at;
      }
    },
    done: (): XmlHost => ({ line, values, lines, problems }),
  };
}

const isHostElement = (name: string): name is HostElement => (HOST_ELEMENTS as readonly string[]).includes(name);

/** The document of these hosts; what is undefined is left out, as StarlingX's export does. */
export function writeHostsXml(hosts: readonly Readonly<Partial<Record<HostElement, string>>>[]): string {
  const body = hosts.map(values => {
    const elements = HOST_ELEMENTS.filter(name => values[name] !== undefined).map(name => {
      const text = escaped(values[name]!);
      return text === '' ? `\t\t<${name}/>` : `\t\t<${name}>${text}</${name}>`;
    });
    return ['\t<host>', ...elements, '\t</host>'].join('\n');
  });
  return `${['<?xml version="1.0" encoding="UTF-8"?>', '<hosts>', ...body, '</hosts>'].join('\n')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string): string => text.replace(/[&<>]/g, character => ESCAPES[character]!);
