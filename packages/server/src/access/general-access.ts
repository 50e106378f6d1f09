/** Who may read a storage without being its owner, in Apify's words. */
export const GENERAL_ACCESS = [
  'FOLLOW_USER_SETTING',
  'RESTRICTED',
  'ANYONE_WITH_ID_CAN_READ',
  'ANYONE_WITH_NAME_CAN_READ',
] as const;

/** One of {@link GENERAL_ACCESS}. */
export type GeneralAccess = (typeof GENERAL_ACCESS)[number];

/** Tells whether a value is one of {@link GENERAL_ACCESS}. */
export function isGeneralAccess(value: unknown): value is GeneralAccess {
  return GENERAL_ACCESS.some((access) => access === value);
}

/** What a storage that follows the setting of its user follows. */
export type DefaultAccess = 'RESTRICTED' | 'ANYONE_WITH_ID_CAN_READ';

/** Tells whether a storage that was found by its id or its name is open to everyone. */
export function isOpenToAll(access: string | undefined, fallback: DefaultAccess, by: 'id' | 'name'): boolean {
  const effective = !isGeneralAccess(access) || access === 'FOLLOW_USER_SETTING' ? fallback : access;
  return effective === 'ANYONE_WITH_NAME_CAN_READ' || (effective === 'ANYONE_WITH_ID_CAN_READ' && by === 'id');
}
