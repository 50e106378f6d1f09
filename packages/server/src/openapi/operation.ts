import type { Schema } from './schema.js';

/** A parameter in the query or in a header. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header';
  readonly description: string;
  readonly schema: Schema;
}

/** A header of a response. */
export interface ResponseHeader {
  readonly description: string;
  /** Whether every response has it. */
  readonly required?: boolean;
  readonly schema: Schema;
}

/** Bodies by their content types. */
export type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** A body that a request may have; none is the same as an empty one. */
export interface RequestBody {
  readonly description: string;
  readonly content: Content;
}

/** A response that is no error. */
export interface ResponseDescription {
  readonly description: string;
  readonly headers?: Readonly<Record<string, ResponseHeader>>;
  /** Absent where there is no body. */
  readonly content?: Content;
}

/** What the document says of a route beyond what its row says already. */
export interface Operation {
  /** No two have the same: generated clients name their functions after it. */
  readonly id: string;
  /** Under which heading it stands. */
  readonly tag: string;
  readonly description?: string;
  /** Those of the path follow from the path. */
  readonly parameters?: readonly Parameter[];
  readonly body?: RequestBody;
  /** By status. */
  readonly responses: Readonly<Record<number, ResponseDescription>>;
  /** Statuses of errors that do not follow from the right that is needed and from the body. */
  readonly errors?: readonly number[];
}
