/** A file of this prefix says that the file of the remaining name, from a layer below, is deleted. */
export const WHITEOUT_PREFIX = ".wh.";
/** A file of this name says that nothing of the directory shows from the layers below. */
export const OPAQUE_MARKER = ".wh..wh..opq";

/**
 * How deletions are kept on disk: overlay's device nodes and attributes, or by removing the files (vfs). `none`: the archive is no layer,
 * and a file whose name looks like a mark is just a file.
 */
export type WhiteoutStyle = "overlay" | "remove" | "none";

/** The name of overlay's attribute, which the kernel keeps apart for mounts made inside a user namespace. */
export function overlayAttribute(name: "opaque" | "redirect" | "metacopy" | "origin", userNamespace: boolean): string {
  return `${userNamespace ? "user" : "trusted"}.overlay.${name}`;
}
