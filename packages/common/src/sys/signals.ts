/** Names in the order of their numbers, from 1; the numbers are those of x86_64 and aarch64. */
const NAMES = (
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP " +
  "TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split(" ");
const ALIASES: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29, UNUSED: 31 };
/** The first two real-time signals are glibc's own. */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGTERM = 15;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGWINCH = 28;

/** The number of `SIGTERM`, `term` or `15`, `RTMIN+3` included; undefined for what is no signal (0 is none). */
export function signalNumber(text: string): number | undefined {
  const name = text.trim().toUpperCase();
  if (/^\d+$/.test(name)) {
    const number = Number(name);
    return number >= 1 && number <= SIGRTMAX ? number : undefined;
  }
  const short = name.replace(/^SIG/, "");
  const index = NAMES.indexOf(short);
  if (index >= 0) return index + 1;
  return ALIASES[short] ?? realTimeNumber(short);
}

/** `SIGTERM` for 15, `SIGRTMIN+3` for 37; the number itself for one that has no name. */
export function signalName(number: number): string {
  const name = NAMES[number - 1];
  if (name !== undefined) return `SIG${name}`;
  if (number < SIGRTMIN || number > SIGRTMAX) return String(number);
  return number === SIGRTMIN ? "SIGRTMIN" : number === SIGRTMAX ? "SIGRTMAX" : `SIGRTMIN+${number - SIGRTMIN}`;
}

/** Every signal that has a name, in the order of their numbers, for completion and `kill -l`. */
export function signalNames(): readonly string[] {
  return NAMES.map((name) => `SIG${name}`);
}

function realTimeNumber(short: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(short);
  if (match === null) return undefined;
  const offset = Number(match[3] ?? 0) * (match[2] === "-" ? -1 : 1);
  const number = (match[1] === "MIN" ? SIGRTMIN : SIGRTMAX) + offset;
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined;
}
