import { expect, it } from "vitest";
import { parseInterfaces } from "./stats.ts";

it("reads the counters of each interface, the loopback's not", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0:    1524      15    1    2    0     0          0         0      906      11    3    4    0     0       0          0
`;
  expect([...parseInterfaces(text)]).toEqual([
    ["eth0", { received: { bytes: 1524, packets: 15, errors: 1, dropped: 2 }, sent: { bytes: 906, packets: 11, errors: 3, dropped: 4 } }],
  ]);
});
