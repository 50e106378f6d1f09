/** The headings under which operations stand. */
export const TAGS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'Key-value stores', description: 'Stores, by id or by name.' },
  { name: 'Records', description: 'What is in a store: values of any content type under keys.' },
  { name: "Runs' stores", description: 'The same for the default store of a run, or of the last run of the user.' },
  { name: 'Runs', description: 'What the server knows of runs, which happen elsewhere.' },
  { name: 'Users', description: 'Who owns stores.' },
  { name: 'Server', description: 'The server itself.' },
];
