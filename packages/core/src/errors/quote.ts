const MAX_QUOTED_LENGTH = 80;

/** Puts a value into quotes for an error message, cut to a length that a terminal line can bear. */
export function quote(value: string): string {
  const text = value.length > MAX_QUOTED_LENGTH ? `${value.slice(0, MAX_QUOTED_LENGTH)}…` : value;
  return JSON.stringify(text);
}

/** Names the kind of a value for an error message: `null`, `array`, the class of an object, or its `typeof`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'object') return typeof value;
  return Object.getPrototypeOf(value)?.constructor?.name ?? 'object';
}
