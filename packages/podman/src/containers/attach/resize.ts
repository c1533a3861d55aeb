import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { WindowSize } from "@containers/common/sys/sys";

/** Sets the window of the terminal whose monitor's files are in `bundle`. A monitor that has gone needs no size. */
export function resizeTerminal(bundle: string, { rows, columns }: WindowSize): void {
  try {
    const fd = openSync(`${bundle}/ctl`, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, `1 ${rows} ${columns}\n`);
    closeSync(fd);
  } catch {
    // The container ended between two events of the terminal.
  }
}
