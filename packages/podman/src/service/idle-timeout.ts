/** Watches whether anything is being served. */
export interface IdleTimeout {
  /** The number of requests and taken-over connections that are being dealt with. */
  activity(active: number): void;
  cancel(): void;
}

/** Calls `onIdle` once nothing has been served for `milliseconds`; never for 0. */
export function idleTimeout(milliseconds: number, onIdle: () => void): IdleTimeout {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const arm = (): void => {
    cancel();
    if (milliseconds > 0) timer = setTimeout(onIdle, milliseconds);
  };
  arm();
  return { cancel, activity: (active) => (active > 0 ? cancel() : arm()) };
}
