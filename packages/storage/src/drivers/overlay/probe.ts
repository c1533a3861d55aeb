import fs from "node:fs";
import path from "node:path";
import { MNT_DETACH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { inUserNamespace } from "../../id-shift/id-mapping.ts";

/** Empty file below `R/overlay` by which either tool remembers that overlay works here, until the next boot. */
const SUPPORTED = "overlay-true";

/** Undefined when overlay can be mounted in `home`, else why not. Tries it once per boot. */
export function probeOverlay(sys: Sys, places: { readonly home: string; readonly runHome: string }): unknown {
  if (fs.existsSync(path.join(places.runHome, SUPPORTED))) return undefined;
  try {
    testMount(sys, places.home);
  } catch (error) {
    return error;
  }
  fs.mkdirSync(places.runHome, { recursive: true, mode: 0o700 });
  fs.writeFileSync(path.join(places.runHome, SUPPORTED), "", { mode: 0o644 });
  return undefined;
}

/** Mounts an overlay of two lowers and deletes a file through it, which needs whiteouts to work too. */
function testMount(sys: Sys, home: string): void {
  fs.mkdirSync(home, { recursive: true, mode: 0o755 });
  const directory = fs.mkdtempSync(path.join(home, "compat"));
  const merged = path.join(directory, "merged");
  let mounted = false;
  try {
    for (const name of ["merged", "lower1", "lower2/subdir", "upper", "work"])
      fs.mkdirSync(path.join(directory, name), { recursive: true });
    fs.writeFileSync(path.join(directory, "lower2/subdir/file"), "");
    const options = `lowerdir=${directory}/lower1:${directory}/lower2,upperdir=${directory}/upper,workdir=${directory}/work`;
    sys.mount("overlay", merged, "overlay", 0, inUserNamespace() ? `${options},userxattr` : options);
    mounted = true;
    fs.rmSync(path.join(merged, "subdir"), { recursive: true });
  } finally {
    if (mounted) sys.umount2(merged, MNT_DETACH);
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
