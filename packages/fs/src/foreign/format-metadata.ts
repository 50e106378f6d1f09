import type { StoreMetadata } from '../store/store-metadata.js';
import { isSnakeCase } from './layout-name.js';

/** Writes down the metadata of a store as the tool does that made it, so that all who read it go on taking it for that tool's. */
export function formatMetadata(metadata: StoreMetadata): string {
  const { layout, ...properties } = metadata;
  return JSON.stringify(propertiesFor(layout, properties), null, 2);
}

function propertiesFor(layout: StoreMetadata['layout'], properties: Omit<StoreMetadata, 'layout'>): object {
  const { createdAt, modifiedAt, accessedAt, ...others } = properties;
  if (layout === 'kv') return properties;
  if (layout === 'crawlee3' && 'userId' in properties) return properties;
  const separator = layout === 'crawlee' || layout === 'crawlee3' ? 'T' : ' ';
  const [created, modified, accessed] = [createdAt, modifiedAt, accessedAt].map((time) => offsetTime(time, separator));
  if (isSnakeCase(layout)) return { ...others, accessed_at: accessed, created_at: created, modified_at: modified };
  const noted = layout === 'crawlee3' ? { layout } : {};
  return { ...others, accessedAt: accessed, createdAt: created, modifiedAt: modified, ...noted };
}

/** Python before 3.11 does not take a `Z`. */
function offsetTime(time: string, separator: string): string {
  return time.replace('T', separator).replace('Z', '000+00:00');
}
