/** A free name for a copy: `NAME-clone`, then `NAME-clone1` and so on. */
export function cloneName(name: string, isTaken: (name: string) => boolean): string {
  const [, base = name, number] = /^(.*-clone)(\d*)$/.exec(name) ?? [];
  if (number === undefined && !isTaken(`${name}-clone`)) return `${name}-clone`;
  const stem = number === undefined ? `${name}-clone` : base;
  for (let count = Number(number ?? "") + 1; ; count += 1) if (!isTaken(`${stem}${count}`)) return `${stem}${count}`;
}
