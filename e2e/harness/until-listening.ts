import { connect } from "node:net";

/** Milliseconds for a service to come up on a busy machine. */
const PATIENCE = 60_000;

/** Waits until somebody takes connections at a Unix socket. Its file alone says little: it is there before anybody listens. */
export async function untilListening(socket: string): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!(await takesConnections(socket))) {
    if (Date.now() > end) throw new Error(`nobody listens at ${socket}`);
    await Bun.sleep(25);
  }
}

function takesConnections(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect({ path: socket });
    attempt.once("connect", () => {
      attempt.destroy();
      resolve(true);
    });
    attempt.once("error", () => resolve(false));
  });
}
