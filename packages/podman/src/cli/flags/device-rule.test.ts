import { expect, test } from "vitest";
import { parseDeviceRule } from "./device-rule.ts";

test("numbers may be any", () => {
  expect(parseDeviceRule("b 7:* rmw")).toEqual({ allow: true, type: "b", major: 7, access: "rmw" });
  expect(parseDeviceRule("a 7 r")).toEqual({ allow: true, type: "a", major: 7, access: "r" });
  expect(parseDeviceRule("c 7:1 w")).toEqual({ allow: true, type: "c", major: 7, minor: 1, access: "w" });
});

test.each([
  ["b 7:* rmX", "invalid device access in device-access-add: X"],
  ["b 7:2", 'requires type, major:Minor, and access rules: "b 7:2"'],
  ["x 7:* rmw", "invalid device type in device-access-add: x"],
  ["a a:* rmw", 'parsing "a": invalid syntax'],
])("%s is refused", (text, message) => {
  expect(() => parseDeviceRule(text)).toThrow(message);
});
