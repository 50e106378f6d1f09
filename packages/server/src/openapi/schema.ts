/** A JSON schema (draft 2020-12), with the words that are used here. */
export interface Schema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** `true` where an object has members that no schema names. */
  readonly additionalProperties?: boolean | Schema;
}

/** Names one of the schemas that several operations share; a test finds names that there are not. */
export function schemaRef(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Describes an object; all of its members are there, but for those that are named as optional. */
export function objectSchema(
  properties: Readonly<Record<string, Schema>>,
  { optional = [], ...rest }: Pick<Schema, 'title' | 'description'> & { readonly optional?: readonly string[] } = {},
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { ...rest, type: 'object', ...(required.length > 0 && { required }), properties };
}
