// The tables alone: the class that comes with them sorts all thousand types at once, before a program has read its INPUT.
import others from 'mime/types/other.js';
import standards from 'mime/types/standard.js';

const TABLES: readonly Readonly<Record<string, readonly string[]>>[] = [standards, others];
let typesByExtension: Map<string, string> | undefined;

/** Gives the usual extension of files of a content type; `undefined` when none is known. */
export function extensionFor(contentType: string): string | undefined {
  const [essence = ''] = contentType.split(';');
  const type = essence.trim().toLowerCase();
  const table = TABLES.find((candidate) => Object.hasOwn(candidate, type));
  return table?.[type]?.[0]?.replace('*', '');
}

/** Gives the content type of a file by its name, or of an extension alone; `undefined` when none is known. */
export function typeFor(fileName: string): string | undefined {
  typesByExtension ??= new Map(TABLES.flatMap((table) => Object.entries(table).flatMap(listExtensions)));
  return typesByExtension.get(fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase());
}

/** An extension with a star is one that belongs to another type first. */
function listExtensions([type, extensions]: [string, readonly string[]]): [string, string][] {
  return extensions.filter((extension) => !extension.startsWith('*')).map((extension) => [extension, type]);
}
