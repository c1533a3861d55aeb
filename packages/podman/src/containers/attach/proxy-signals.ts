/**
 * Signals that are handed on. Not here: SIGKILL and SIGSTOP (cannot be caught), SIGCHLD, SIGPIPE, SIGURG and SIGWINCH (ours to act on), the ones
 * that report a fault of this very process, and the real-time ones (the runtime cannot catch them).
 */
const PROXIED = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGCONT",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGVTALRM",
  "SIGPROF",
  "SIGIO",
  "SIGPWR",
] as const;

/** Calls `deliver` for every signal that this process gets, until the returned function is called. */
export function proxySignals(deliver: (name: NodeJS.Signals) => void): () => void {
  for (const name of PROXIED) process.on(name, deliver);
  return () => {
    for (const name of PROXIED) process.off(name, deliver);
  };
}
