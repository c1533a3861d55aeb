import { expect, test } from "vitest";
import { addHostsEntries, buildHostsFile, removeHostsEntries } from "./hosts-file.ts";

const own = [{ ip: "10.88.0.2", names: ["web", "c1"] }];

test("an empty base", () => {
  expect(buildHostsFile({ base: "", own, hostAddress: "10.88.0.1" })).toBe(
    "127.0.0.1\tlocalhost\n::1\tlocalhost\n10.88.0.1\thost.containers.internal host.docker.internal\n10.88.0.2\tweb c1\n",
  );
});

test("names of the base and of --add-host win", () => {
  const text = buildHostsFile({
    base: "127.0.0.1 localhost # mine\n\n192.0.2.9\tweb\n",
    extra: ["db;db2:192.0.2.7", "gw:host-gateway"],
    own,
    hostAddress: "10.88.0.1",
  });
  expect(text).toBe(
    "192.0.2.7\tdb db2\n10.88.0.1\tgw\n127.0.0.1\tlocalhost\n192.0.2.9\tweb\n10.88.0.1\thost.containers.internal host.docker.internal\n10.88.0.2\tc1\n",
  );
});

test("without a way to the host there is no entry for it", () => {
  expect(buildHostsFile({ base: "", own })).not.toContain("host.containers.internal");
  expect(() => buildHostsFile({ base: "", extra: ["x:host-gateway"] })).toThrow("host containers internal IP address is empty");
});

test.each([
  ["x", 'unable to parse host entry "x": incorrect format'],
  [":1.2.3.4", 'hostname in host entry ":1.2.3.4" is empty'],
  ["x:", 'IP address in host entry "x:" is empty'],
])("--add-host %s", (text, message) => expect(() => buildHostsFile({ base: "", extra: [text] })).toThrow(message));

test("version 6 addresses", () => {
  expect(buildHostsFile({ base: "", extra: ["x:fd00::1", "y:[fd00::2]"] })).toContain("fd00::1\tx\nfd00::2\ty\n");
});

test("joining and leaving a network", () => {
  const base = buildHostsFile({ base: "", own });
  const joined = addHostsEntries(base, [
    { ip: "10.89.0.2", names: ["other"] },
    { ip: "10.89.0.2", names: ["web"] },
  ]);
  expect(joined).toBe(`${base}10.89.0.2\tother\n`);
  expect(removeHostsEntries(joined, [{ ip: "10.89.0.2", names: ["other", "x"] }])).toBe(base);
});
