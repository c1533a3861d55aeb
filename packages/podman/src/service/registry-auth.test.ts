import { existsSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { requestAccess } from "./registry-auth.ts";

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const sent = (headers: Readonly<Record<string, string>>) => requestAccess({ url: "/x", header: (name) => headers[name] });
const basic = (text: string): string => Buffer.from(text).toString("base64");

test.each([
  ["none", {}, {}],
  ["null, as some clients send", { "X-Registry-Auth": basic("null") }, {}],
  ["one account", { "X-Registry-Auth": encoded({ username: "u", password: "p" }) }, { credentials: { username: "u", password: "p" } }],
  ["one as auth", { "X-Registry-Auth": encoded({ auth: basic("u:p:q") }) }, { credentials: { username: "u", password: "p:q" } }],
  [
    "an identity token",
    { "X-Registry-Auth": encoded({ identitytoken: "t" }) },
    { credentials: { username: "", password: "", identityToken: "t" } },
  ],
  ["a registry's token", { "X-Registry-Auth": encoded({ registrytoken: "t" }) }, { bearerToken: "t" }],
  [
    "one for all registries",
    { "X-Registry-Config": encoded({ "": { username: "u", password: "p" } }) },
    { credentials: { username: "u", password: "p" } },
  ],
])("%s", (_, headers, access) => {
  const found = sent(headers);
  expect(found.access).toEqual(access);
  found.close();
});

test("accounts by registry are in a file for its owner, until the request is over", () => {
  const { access, close } = sent({
    "X-Registry-Config": encoded({
      "": { username: "any", password: "0" },
      "https://index.docker.io/v1/": { username: "u", password: "p" },
      "quay.io/team": { identitytoken: "t" },
      "http://local:5000/v2/": { auth: basic("a:b") },
    }),
    "X-Registry-Auth": "not read",
  });
  expect(access.credentials).toEqual({ username: "any", password: "0" });
  const file = access.authFile ?? "";
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
    auths: {
      "docker.io": { auth: basic("u:p") },
      "quay.io/team": { auth: basic(":"), identitytoken: "t" },
      "local:5000": { auth: basic("a:b") },
    },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  close();
  expect(existsSync(file)).toBe(false);
});

test("a header that cannot be read is refused", () => {
  expect(() => sent({ "X-Registry-Auth": basic("{") })).toThrow('failed to parse "X-Registry-Auth" header for /x');
});
