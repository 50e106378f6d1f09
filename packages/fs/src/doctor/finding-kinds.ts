/** How much a finding matters: `error`: something cannot be read; `warning`: something is not found; `info`: no harm. */
export type DoctorSeverity = 'info' | 'warning' | 'error';

/** Names what the doctor has found; stable across versions. */
export type DoctorFindingCode =
  | 'access-denied'
  | 'blocked-directory'
  | 'blocked-name'
  | 'duplicate-id'
  | 'duplicate-name'
  | 'foreign-store'
  | 'hidden-file'
  | 'json-corrupt'
  | 'live-temp-file'
  | 'metadata-corrupt'
  | 'metadata-missing'
  | 'no-record'
  | 'not-a-store'
  | 'orphan-value'
  | 'read-only'
  | 'sidecar-corrupt'
  | 'sidecar-mismatch'
  | 'sidecar-missing'
  | 'store-link'
  | 'store-moved'
  | 'temp-file'
  | 'trash'
  | 'unfinished-write'
  | 'unreadable-name';

/** What is known of all findings of one code. */
export interface FindingKind {
  readonly severity: DoctorSeverity;
  /** What it means, in general. */
  readonly meaning: string;
  /** What a repair does about it. */
  readonly remedy: string;
}

const LEFT_ALONE = 'Nothing: it does no harm.';
const TO_QUARANTINE = 'Moves it to the quarantine.';

/** All that the doctor can find; `docs/reference/doctor.md` shows the same table. */
export const FINDING_KINDS: Readonly<Record<DoctorFindingCode, FindingKind>> = {
  'access-denied': {
    severity: 'error',
    meaning: 'The operating system does not let this user read it.',
    remedy: 'Nothing: give the user of the program the right to read it.',
  },
  'blocked-directory': {
    severity: 'error',
    meaning:
      'Something that is no directory stands where `@kv/fs` keeps its own files: opening, writing or purging fails.',
    remedy:
      'Moves it to the quarantine; where that is what it stands in the way of, gives it a name of its own beside.',
  },
  'blocked-name': {
    severity: 'warning',
    meaning: 'Something that is no file stands where a record keeps its file.',
    remedy: TO_QUARANTINE,
  },
  'duplicate-id': {
    severity: 'error',
    meaning: 'Two stores have one id, as after copying a directory: opening by id finds either.',
    remedy: 'Gives the copy an id of its own, and the name of its directory.',
  },
  'duplicate-name': {
    severity: 'error',
    meaning: 'Two stores have one name: opening by name finds the first alone.',
    remedy: 'Gives the second the name of its directory.',
  },
  'foreign-store': {
    severity: 'info',
    meaning: 'A store in the layout of another tool: a repair leaves alone what that tool may read.',
    remedy: LEFT_ALONE,
  },
  'hidden-file': {
    severity: 'info',
    meaning: 'A file placed by hand that another file of the same key hides.',
    remedy: LEFT_ALONE,
  },
  'json-corrupt': {
    severity: 'error',
    meaning: 'A JSON record that is not JSON: another tool was stopped while it wrote, or somebody made a mistake.',
    remedy: TO_QUARANTINE,
  },
  'live-temp-file': {
    severity: 'info',
    meaning: 'A temp file of a writer that is at work, or may be on another machine.',
    remedy: LEFT_ALONE,
  },
  'metadata-corrupt': {
    severity: 'error',
    meaning: 'The metadata of a store is not metadata: the store cannot be opened.',
    remedy: 'Moves it to the quarantine, and writes metadata with the name of the directory and a new id.',
  },
  'metadata-missing': {
    severity: 'info',
    meaning: 'A store without metadata: opening it by name gives it some.',
    remedy:
      'Writes metadata with the name of the directory, unless Crawlee 3 or Apify SDK 1 for Python may have made the store.',
  },
  'no-record': {
    severity: 'info',
    meaning: "No key is written so, or the file is hidden: it is nobody's record.",
    remedy: LEFT_ALONE,
  },
  'not-a-store': {
    severity: 'warning',
    meaning: 'Something that is no directory stands among the stores.',
    remedy: TO_QUARANTINE,
  },
  'orphan-value': {
    severity: 'warning',
    meaning: 'The value of a record whose sidecar is gone: nobody finds it.',
    remedy: TO_QUARANTINE,
  },
  'read-only': {
    severity: 'warning',
    meaning: 'This user may not write into the directory.',
    remedy: 'Nothing: give the user of the program the right to write there.',
  },
  'sidecar-corrupt': {
    severity: 'error',
    meaning: 'A sidecar is not JSON, lacks fields, or points outside of its store: its record cannot be read.',
    remedy:
      'Moves it to the quarantine, and writes a new one by the name of the value. Where that is not clear, moves the values as well.',
  },
  'sidecar-mismatch': {
    severity: 'error',
    meaning: 'A sidecar says another key than its file name, as after renaming it: its record cannot be read.',
    remedy:
      'Moves it to the quarantine, and writes a new one by the name of the value. Where that is not clear, moves the values as well.',
  },
  'sidecar-missing': {
    severity: 'info',
    meaning: 'A value without the sidecar that its layout asks for: its type is not known.',
    remedy: 'Nothing: write the record anew to give it one.',
  },
  'store-link': {
    severity: 'info',
    meaning: 'A link among the stores that leads to another store, to a directory of stores, or to no store.',
    remedy: 'Nothing: what lies behind it is not examined. Remove the link if nobody needs it.',
  },
  'store-moved': {
    severity: 'info',
    meaning: 'The metadata of a store says another name than its directory: renaming it was stopped, or done by hand.',
    remedy: 'Gives the store the name of its directory.',
  },
  'temp-file': {
    severity: 'info',
    meaning: 'A temp file of a writer that is no more.',
    remedy: 'Removes it.',
  },
  trash: {
    severity: 'info',
    meaning: 'What was dropped or purged: the last purge can be restored, all else is yet to be deleted.',
    remedy: LEFT_ALONE,
  },
  'unfinished-write': {
    severity: 'info',
    meaning: 'A write or a deletion was stopped between its steps. Readers see the record as it was before or after.',
    remedy:
      'Moves what is left over to the quarantine. Opens the gate of a store that was held, and removes the gate of one that is gone.',
  },
  'unreadable-name': {
    severity: 'info',
    meaning: 'A name that is not UTF-8, which no store and no record has.',
    remedy: LEFT_ALONE,
  },
};
