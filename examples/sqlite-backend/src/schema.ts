/** The tables. `BINARY`, the collation of `TEXT`, is the order of bytes that keys are listed in. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS stores (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    word TEXT NOT NULL,
    title TEXT,
    generalAccess TEXT,
    createdAt INTEGER NOT NULL,
    modifiedAt INTEGER NOT NULL,
    UNIQUE (type, word)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS records (
    recordId INTEGER PRIMARY KEY,
    storeId TEXT NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    contentType TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modifiedAt INTEGER NOT NULL,
    UNIQUE (storeId, key)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS chunks (
    recordId INTEGER NOT NULL REFERENCES records (recordId) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (recordId, position)
  ) STRICT;
`;

/** What comes in as a stream waits here: the table is the connection's own, and gone with it, however it ends. */
export const TEMPORARY_SCHEMA = `
  CREATE TEMPORARY TABLE incoming (
    upload INTEGER NOT NULL,
    position INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (upload, position)
  ) STRICT;
`;
