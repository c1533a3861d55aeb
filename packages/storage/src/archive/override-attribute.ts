/** Where fuse-overlayfs looks for an owner and mode that the file itself cannot have. */
export const OVERRIDE_ATTRIBUTE = "user.containers.override_stat";

/** The attribute's value: `0:0:0755:dir`, for devices with their numbers (`char-1-3`). */
export function overrideText(kind: string, owner: { readonly uid: number; readonly gid: number }, mode: number): string {
  return `${owner.uid}:${owner.gid}:${mode.toString(8).padStart(4, "0")}:${kind}`;
}
