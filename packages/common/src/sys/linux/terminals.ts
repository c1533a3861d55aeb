import { O_CLOEXEC, O_NOCTTY, O_RDWR } from "../constants.ts";
import { sysError } from "../errno.ts";
import type { TerminalSys } from "../sys.ts";
import { check, lazyLibc, retry } from "./binding.ts";

const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;
const TCSADRAIN = 1;
/** struct termios of glibc: c_iflag, c_oflag, c_cflag, c_lflag, c_line, c_cc[32], two speeds. */
const TERMIOS_SIZE = 60;
const C_OFLAG = 4;

const libc = lazyLibc({
  isatty: { args: ["i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  tcgetattr: { args: ["i32", "ptr"], returns: "i32" },
  tcsetattr: { args: ["i32", "i32", "ptr"], returns: "i32" },
  cfmakeraw: { args: ["ptr"], returns: "void" },
  posix_openpt: { args: ["i32"], returns: "i32" },
  grantpt: { args: ["i32"], returns: "i32" },
  unlockpt: { args: ["i32"], returns: "i32" },
  ptsname_r: { args: ["i32", "ptr", "u64"], returns: "i32" },
});

/** Terminals and pseudo-terminals. */
export function terminalSys(): TerminalSys {
  return {
    isTerminal: (fd) => libc().isatty(fd) === 1,
    getWindowSize(fd) {
      const size = new Uint16Array(4);
      check(libc().ioctl(fd, TIOCGWINSZ, size), "ioctl(TIOCGWINSZ)", `fd ${fd}`);
      return { rows: size[0] ?? 0, columns: size[1] ?? 0 };
    },
    setWindowSize(fd, size) {
      check(libc().ioctl(fd, TIOCSWINSZ, Uint16Array.of(size.rows, size.columns, 0, 0)), "ioctl(TIOCSWINSZ)", `fd ${fd}`);
    },
    getTerminalAttributes: attributes,
    setTerminalAttributes,
    makeRaw(fd) {
      const before = attributes(fd);
      const raw = Buffer.from(before);
      libc().cfmakeraw(raw);
      setTerminalAttributes(fd, raw);
      return before;
    },
    changeOutputFlags(fd, set, clear) {
      const changed = attributes(fd);
      changed.writeUInt32LE(((changed.readUInt32LE(C_OFLAG) | set) & ~clear) >>> 0, C_OFLAG);
      setTerminalAttributes(fd, changed);
    },
    openPty,
  };
}

function attributes(fd: number): Buffer {
  const record = Buffer.alloc(TERMIOS_SIZE);
  check(libc().tcgetattr(fd, record), "tcgetattr", `fd ${fd}`);
  return record;
}

function setTerminalAttributes(fd: number, record: Uint8Array): void {
  retry(() => libc().tcsetattr(fd, TCSADRAIN, record), "tcsetattr", `fd ${fd}`);
}

function openPty(): { readonly master: number; readonly slavePath: string } {
  const master = check(libc().posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt");
  check(libc().grantpt(master), "grantpt");
  check(libc().unlockpt(master), "unlockpt");
  const name = Buffer.alloc(128);
  const failure = libc().ptsname_r(master, name, name.length);
  if (failure !== 0) throw sysError(failure, "ptsname_r", `fd ${master}`);
  return { master, slavePath: name.toString("utf8", 0, name.indexOf(0)) };
}
