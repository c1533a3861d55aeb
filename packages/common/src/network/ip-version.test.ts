import { isIP } from "node:net";
import { expect, it } from "vitest";
import { ipVersion } from "./ip-version.ts";

it.each([
  "1.2.3.4",
  "256.1.1.1",
  "1.2.3",
  "01.2.3.4",
  "1.2.3.4.5",
  "",
  "::",
  "::1",
  "fe80::1%eth0",
  "1::2::3",
  "1:2:3:4:5:6:7:8",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7::",
  "::ffff:1.2.3.4",
  "1:2:3:4:5:6:1.2.3.4",
  "1:2:3:4:5:6:7:1.2.3.4",
  "12345::",
  "g::",
  ":1",
  "1:",
  "[::1]",
  "1.2.3.4::",
  "::1.2.3",
  "localhost",
])("agrees with node:net about %s", (text) => {
  expect(ipVersion(text)).toBe(isIP(text));
});
