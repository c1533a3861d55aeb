import { expect, it } from "vitest";
import { PacketQueue, SlabPool } from "./packet-queue.ts";

it("keeps packets of all sizes apart and in order, also when only some can be sent at a time", () => {
  const queue = new PacketQueue(new SlabPool());
  const packets = Array.from({ length: 500 }, (_, index) => Buffer.alloc(1 + ((index * 7919) % 65537), index));
  const received: Buffer[] = [];
  for (const [index, packet] of packets.entries()) {
    queue.push(Buffer.concat([Buffer.from("__"), packet]), 2, packet.length);
    let room = index % 3;
    queue.drain((buffer, at, length) => room-- > 0 && received.push(Buffer.from(buffer.subarray(at, at + length))) > 0);
  }
  expect(queue.isEmpty).toBe(false);
  queue.drain((buffer, at, length) => received.push(Buffer.from(buffer.subarray(at, at + length))) > 0);
  expect([queue.isEmpty, queue.bytes]).toEqual([true, 0]);
  expect(received.length).toBe(packets.length);
  expect(Buffer.concat(received).equals(Buffer.concat(packets))).toBe(true);
});

it("counts what waits, and forgets it", () => {
  const queue = new PacketQueue(new SlabPool());
  queue.push(Buffer.alloc(100), 0, 100);
  queue.push(Buffer.alloc(100), 0, 50);
  expect(queue.bytes).toBe(158);
  expect(queue.drain((_buffer, _at, length) => length === 100)).toBe(1);
  expect(queue.bytes).toBe(54);
  queue.clear();
  expect(queue.isEmpty).toBe(true);
  expect(queue.drain(() => true)).toBe(0);
});
