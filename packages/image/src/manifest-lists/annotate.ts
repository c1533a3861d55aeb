import { ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import type { Platform } from "../manifest/manifest.ts";
import { describeManifest, findMember } from "./find-member.ts";
import { type ListContent, type ListEntry, updateEntry } from "./list-content.ts";
import { changeList } from "./list-record.ts";

/** What is to be changed of an entry; what is absent or empty stays. */
export interface EntryChanges {
  readonly architecture?: string;
  readonly os?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  readonly variant?: string;
  readonly features?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What is to be changed of the list itself. */
export interface IndexChanges {
  readonly annotations?: Readonly<Record<string, string>>;
  /** An image that the list refers to, by name. */
  readonly subject?: string;
}

/** @throws not-found when the list has no such entry */
export async function annotateEntry(images: LocalImages, id: string, digest: string, changes: EntryChanges): Promise<void> {
  await changeList(images.store, id, (list) => ({
    ...list,
    content: updateEntry(list.content, digest, (entry) => changedEntry(entry, changes)),
  }));
}

export async function annotateIndex(images: LocalImages, id: string, changes: IndexChanges): Promise<void> {
  const subject =
    changes.subject === undefined || changes.subject === ""
      ? undefined
      : await describeManifest(images, await findMember(images, changes.subject, "subject for image index"));
  await changeList(images.store, id, (list) => {
    const content: ListContent = {
      ...list.content,
      annotations: { ...list.content.annotations, ...changes.annotations },
      ...(subject === undefined ? {} : { subject }),
    };
    return { ...list, content };
  });
}

function changedEntry(entry: ListEntry, changes: EntryChanges): ListEntry {
  const platform = changedPlatform(entry.platform, changes);
  return {
    ...entry,
    ...(platform === undefined ? {} : { platform }),
    ...(changes.features === undefined || changes.features.length === 0 ? {} : { features: changes.features }),
    ...(changes.annotations === undefined ? {} : { annotations: { ...entry.annotations, ...changes.annotations } }),
  };
}

/** A variant belongs to its architecture: naming another architecture without one takes it away. */
function changedPlatform(platform: Platform | undefined, changes: EntryChanges): Platform | undefined {
  const architecture = changes.architecture || undefined;
  const variant = changes.variant || undefined;
  const parts = {
    ...(changes.os ? { os: changes.os } : {}),
    ...(architecture === undefined ? {} : { architecture }),
    ...(changes.osVersion ? { osVersion: changes.osVersion } : {}),
    ...(changes.osFeatures !== undefined && changes.osFeatures.length > 0 ? { osFeatures: changes.osFeatures } : {}),
    ...(architecture !== undefined || variant !== undefined ? { variant } : {}),
  };
  if (Object.keys(parts).length === 0) return platform;
  return { os: "", architecture: "", ...platform, ...parts };
}

/**
 * `KEY=VALUE` words as a map.
 *
 * @param complaint what to say of a word without `=`
 * @throws invalid-argument
 */
export function parseAnnotations(
  words: readonly string[],
  complaint = (word: string): string => `no value given for annotation "${word}"`,
): Readonly<Record<string, string>> | undefined {
  if (words.length === 0) return undefined;
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at === -1) throw new ToolError("invalid-argument", complaint(word));
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
