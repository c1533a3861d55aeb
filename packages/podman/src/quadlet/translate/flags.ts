import type { ServiceDraft } from "./draft.ts";

/** A key of a quadlet and the flag it becomes. */
export type KeyFlags = readonly (readonly [key: string, flag: string])[];

/** Keys of which the last value counts, where it is not empty. */
export function valueFlags(draft: ServiceDraft, keys: KeyFlags): string[] {
  return keys.flatMap(([key, flag]) => {
    const value = draft.given(key);
    return value === undefined ? [] : [flag, value];
  });
}

/** Keys that may come several times. */
export function repeatedFlags(draft: ServiceDraft, keys: KeyFlags): string[] {
  return keys.flatMap(([key, flag]) => draft.all(key).flatMap((value) => [flag, value]));
}

/** `--flag`, or `--flag=false` where the key says no. */
export function booleanFlags(draft: ServiceDraft, keys: KeyFlags): string[] {
  return keys.flatMap(([key, flag]) => {
    const value = draft.flag(key);
    return value === undefined ? [] : [value ? flag : `${flag}=false`];
  });
}

/** Keys that hold NAME=VALUE pairs. */
export function pairFlags(draft: ServiceDraft, keys: KeyFlags): string[] {
  return keys.flatMap(([key, flag]) => draft.pairs(key).flatMap((pair) => [flag, pair]));
}

/** Keys whose values are words as on a command line. */
export function wordFlags(draft: ServiceDraft, keys: KeyFlags): string[] {
  return keys.flatMap(([key, flag]) => draft.words(key).flatMap((word) => [flag, word]));
}

/** Settings of a service that makes something once and stays active. */
export function oneshot(draft: ServiceDraft, remainAfterExit = true): void {
  draft.setDefault("SyslogIdentifier", "%N");
  draft.setDefault("Type", "oneshot");
  if (remainAfterExit) draft.setDefault("RemainAfterExit", "yes");
}
