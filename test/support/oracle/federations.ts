// Small federations of our own, each around what a gateway may get wrong. Their data is synthetic: the SDL says it all.
import type { FederationSource } from './federation.ts';
import { numberedIdentities } from './identities.ts';

/** Several keys, one of them nested and composite; @requires with and without arguments, of lists and objects; @provides; @override. */
const keys: FederationSource = {
  name: 'keys, @requires, @provides, @override',
  subgraphs: {
    sites: `
      type Query { sites: [Site!]! site(id: ID!): Site racks(first: Int = 2): [Rack] }
      type Site @key(fields: "id") @key(fields: "code country") {
        id: ID!
        code: String!
        country: String!
        name(language: String = "en"): String
        racks: [Rack!]
        secret: String @inaccessible
        state: SiteState
      }
      type Rack @key(fields: "slot") { slot: ID! site: Site height: Int label: String @shareable size(unit: Unit = MM): Float place: Place @shareable }
      type Place @shareable { row: Int column: Int room: Room }
      type Room @shareable { name: String floor: Int! }
      enum Unit { MM INCH }
      enum SiteState { UP DOWN LOST @inaccessible }
    `,
    power: `
      type Query { meters: [Meter] }
      type Site @key(fields: "code country") { code: String! country: String! draw: Int! meters: [Meter!] }
      type Rack @key(fields: "slot") {
        slot: ID!
        height: Int @external
        label: String @external
        size(unit: Unit = MM): Float @external
        place: Place @external
        wattsPerUnit: Float @requires(fields: "height")
        wattsPerInch: Float @requires(fields: "size(unit: INCH)")
        cooling: String @requires(fields: "place { row room { floor } }")
        feeds: [[Meter]]
      }
      type Place @shareable { row: Int column: Int room: Room }
      type Room @shareable { name: String floor: Int! }
      type Meter @key(fields: "serial") @key(fields: "id") { serial: String! id: ID! rack: Rack @provides(fields: "label") watts: Float moved: String }
      enum Unit { MM INCH }
    `,
    meters: `
      type Query { meter(serial: String!): Meter }
      type Meter @key(fields: "id") { id: ID! vendor: Vendor moved: String @override(from: "power") twin: Meter }
      type Vendor @key(fields: "name") { name: String! rating: Int }
    `,
  },
};

/** Unions, interfaces with and without keys, an interface object, lists of mixed types, values in several subgraphs. */
const abstract: FederationSource = {
  name: 'interfaces, unions, @interfaceObject',
  identities: numberedIdentities({ Device: ['Camera', 'Radio', 'Sensor'] }),
  subgraphs: {
    devices: `
      type Query { devices: [Device] device: Device! found(text: String): [Found] named: [Named!] first: Found }
      interface Named { name: String }
      interface Device @key(fields: "id") { id: ID! name: String }
      type Camera implements Device & Named @key(fields: "id") { id: ID! name: String lens: String near: [Found!] }
      type Radio implements Device & Named @key(fields: "id") { id: ID! name: String band(wide: Boolean = false): Int! pair: Device }
      type Sensor implements Device @key(fields: "id") { id: ID! name: String kind: Kind @shareable }
      type Room implements Named @key(fields: "id") { id: ID! name: String holds: [Device!]! }
      type Note implements Named { name: String text: String! about: Found }
      union Found = Camera | Room | Note | Sensor
      enum Kind { HEAT LIGHT SMOKE }
    `,
    health: `
      type Query { worst: Device sick: [Device!] }
      type Device @key(fields: "id") @interfaceObject { id: ID! health: Health uptime: Int! events: [Event] }
      type Health { score: Int cause: Event }
      type Event @key(fields: "id") { id: ID! level: Level! room: Room }
      type Room @key(fields: "id", resolvable: false) { id: ID! }
      enum Level { LOW HIGH }
    `,
    rooms: `
      type Query { lobby: Room }
      type Room @key(fields: "id") { id: ID! area: Float doors: [Door] alarm: RoomAlarm }
      type Door { width: Int leadsTo: Room }
      union RoomAlarm = Fire | Flood
      type Fire { heat: Int! room: Room }
      type Flood { depth: Float room: Room! }
      type Event @key(fields: "id") { id: ID! witness: Camera }
      type Camera @key(fields: "id") { id: ID! resolution: Int lensPrice: Int @requires(fields: "lens") lens: String @external }
      type Sensor @key(fields: "id") { id: ID! kind: Kind @shareable limits: [Float!]! }
      enum Kind { HEAT LIGHT SMOKE }
    `,
  },
};

/** Nulls that climb: non-null fields and items at every depth, across subgraphs; lists in lists. */
const nulls: FederationSource = {
  name: 'non-null fields and nested lists',
  subgraphs: {
    orders: `
      type Query { orders: [Order!] order: Order! grid: [[Order!]]! maybe: [Order] }
      type Order @key(fields: "id") { id: ID! lines: [Line!]! notes: [String!] total: Int! buyer: Buyer! }
      type Line { count: Int! item: Item! spare: Item parts: [[Item!]!] }
      type Item @key(fields: "sku") { sku: ID! }
      type Buyer @key(fields: "id") { id: ID! }
    `,
    items: `
      type Query { best: Item }
      type Item @key(fields: "sku") { sku: ID! label: String! price: Int maker: Maker! tags: [String!]! related: [Item!] }
      type Maker { name: String! home: Land! }
      type Land { code: String! }
    `,
    buyers: `
      type Query { me: Buyer! }
      type Buyer @key(fields: "id") { id: ID! name: String! orders: [Order!]! friend: Buyer }
      type Order @key(fields: "id") { id: ID! rating: Int! }
    `,
  },
};

/** Mutations over two subgraphs, which must run one after the other, in the order written. */
const mutations: FederationSource = {
  name: 'mutations over two subgraphs',
  subgraphs: {
    carts: `
      type Query { cart: Cart }
      type Mutation { add(item: String!, count: Int = 1): Cart! empty: Boolean drop(lines: [LineInput!]!): Dropped }
      type Cart @key(fields: "id") { id: ID! size: Int! }
      type Dropped { cart: Cart userErrors: [String!]! }
      input LineInput { item: String! count: Int = 1 note: NoteInput }
      input NoteInput { text: String }
    `,
    payments: `
      type Query { paid: [Payment!] }
      type Mutation { pay(amount: Float!, by: Method = CARD): Payment refund(id: ID): Cart }
      type Payment @key(fields: "id") { id: ID! amount: Float cart: Cart }
      type Cart @key(fields: "id") { id: ID! payments: [Payment!] }
      enum Method { CARD CASH }
    `,
  },
};

export const FEDERATIONS: readonly FederationSource[] = [keys, abstract, nulls, mutations];
