/** glibc's encoding of a device number: the high bits of both parts lie above bit 32 and 12. */
export function majorOf(rdev: number): number {
  const value = BigInt(rdev);
  return Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & ~0xfffn));
}

export function minorOf(rdev: number): number {
  const value = BigInt(rdev);
  return Number((value & 0xffn) | ((value >> 12n) & ~0xffn & 0xffffffffn));
}
