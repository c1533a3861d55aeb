import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isDigest } from "@containers/common/digest/digest";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { type NamedReference, parseName } from "../reference/reference.ts";
import type { BlobInfo } from "../transports/transport.ts";

/**
 * What earlier copies learned about blobs: in which repositories they are, and which compressed blob holds which layer. It saves
 * sending (a mount instead) and compressing. Nothing in it is believed: a hint that is wrong costs one request.
 */
export interface BlobInfoCache {
  /** Repositories of a registry that were seen to hold the blob, latest first. */
  repositories(digest: string, domain: string): readonly NamedReference[];
  /** Compressed forms of a layer, latest first. */
  compressedForms(diffId: string): readonly BlobInfo[];
  recordLocation(digest: string, repository: NamedReference): void;
  /** Only for what was verified: both digests computed by us. */
  recordCompressed(diffId: string, compressed: BlobInfo): void;
  /** Writes what is new. A cache that cannot be written is no error. */
  save(): void;
}

/** One line of the file: a location (`repository`) or a compressed form (`diffId`, `mediaType`, `size`). */
interface Entry {
  readonly digest: string;
  readonly repository?: string;
  readonly diffId?: string;
  readonly mediaType?: string;
  readonly size?: number;
  /** What a descriptor of this blob says of its parts. */
  readonly annotations?: Readonly<Record<string, string>>;
}

const FILE_NAME = "blob-info-cache.jsonl";
/** Beyond this the older half is dropped: reading must stay a matter of milliseconds. */
const MAX_BYTES = 1 << 20;

/** Where the cache is unless a directory is named: beside the store of this user. */
export function defaultCacheDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const rootless = process.geteuid?.() !== 0 || (env["_CONTAINERS_USERNS_CONFIGURED"] ?? "") !== "";
  if (!rootless) return "/var/lib/containers/cache";
  return join(env["XDG_DATA_HOME"] ?? join(env["HOME"] ?? "/", ".local", "share"), "containers", "cache");
}

/** The cache in a directory; its file is read when first asked. Lines are only ever appended, so that processes can share it. */
export function openBlobInfoCache(directory: string = defaultCacheDirectory()): BlobInfoCache {
  const path = join(directory, FILE_NAME);
  let loaded: Entry[] | undefined;
  const fresh: Entry[] = [];
  const entries = (): Entry[] => (loaded ??= readEntries(path));
  const add = (entry: Entry): void => {
    if (entries().some((other) => other.digest === entry.digest && other.repository === entry.repository && other.diffId === entry.diffId))
      return;
    entries().push(entry);
    fresh.push(entry);
  };
  return {
    repositories(digest, domain) {
      const names = entries().flatMap((entry) =>
        entry.digest === digest && entry.repository?.startsWith(`${domain}/`) === true ? [entry.repository] : [],
      );
      return names.reverse().flatMap(parseRepository);
    },
    compressedForms(diffId) {
      const found = entries().filter((entry) => entry.diffId === diffId && entry.digest !== diffId);
      return found.reverse().map((entry) => ({
        digest: entry.digest,
        size: entry.size ?? -1,
        mediaType: entry.mediaType,
        annotations: entry.annotations,
      }));
    },
    recordLocation: (digest, repository) => add({ digest, repository: repository.name }),
    recordCompressed: (diffId, compressed) =>
      add({
        digest: compressed.digest,
        diffId,
        mediaType: compressed.mediaType,
        size: compressed.size,
        ...(Object.keys(compressed.annotations ?? {}).length === 0 ? {} : { annotations: compressed.annotations }),
      }),
    save() {
      if (fresh.length > 0) writeEntries(path, directory, fresh.splice(0));
    },
  };
}

function readEntries(path: string): Entry[] {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = line === "" ? undefined : JSON.parse(line);
      return isEntry(value) ? [value] : [];
    } catch {
      // A line that a crash cut short.
      return [];
    }
  });
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  const digests = [fields["digest"], fields["diffId"] ?? fields["digest"]];
  const annotations = Object.values((fields["annotations"] ?? {}) as Record<string, unknown>);
  return digests.every((digest) => typeof digest === "string" && isDigest(digest)) && annotations.every((text) => typeof text === "string");
}

function parseRepository(name: string): readonly NamedReference[] {
  try {
    return [parseName(name)];
  } catch {
    return [];
  }
}

function writeEntries(path: string, directory: string, fresh: readonly Entry[]): void {
  const text = fresh.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (existsSync(path) && statSync(path).size + text.length > MAX_BYTES) {
      const kept = readFileSync(path, "utf8").slice(-MAX_BYTES / 2);
      writeFileAtomic(path, kept.slice(kept.indexOf("\n") + 1) + text, { mode: 0o600 });
    } else {
      appendFileSync(path, text, { mode: 0o600 });
    }
  } catch {
    // A full disk or a read-only home only costs what the cache would have saved.
  }
}
