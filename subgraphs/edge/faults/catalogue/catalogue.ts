// The catalogue as the alarms of a region see it; it is data of the product and lives in subgraphs/catalogue/.
export * from '../../../catalogue/catalogue.ts';
