/** Says something to the person who runs the program. On standard error, so that the program's own output stays clean. */
export function log(message: string): void {
  console.error(`kv: ${message}`);
}

/** Gives the text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
