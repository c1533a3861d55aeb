import { expect, it } from "vitest";
import { parseRunMount } from "./mount-flag.ts";

it.each([
  [
    "type=cache,target=/c,id=x,sharing=locked,mode=0700",
    { type: "cache", target: "/c", id: "x", sharing: "locked", mode: 0o700, readOnly: false },
  ],
  ["target=/m,src=dir", { type: "bind", target: "/m", source: "dir", readOnly: true }],
  ["type=bind,dst=/m,from=stage,rw", { type: "bind", from: "stage", readOnly: false }],
  ["type=tmpfs,target=/t,size=10m", { type: "tmpfs", size: "10m" }],
  ["type=secret,id=s,required,env=TOKEN", { type: "secret", id: "s", required: true, env: "TOKEN" }],
])("%s", (text, expected) => {
  expect(parseRunMount(text)).toMatchObject(expected);
});

it.each([
  "type=bind",
  "type=nope,target=/x",
  "type=tmpfs,target=/x,id=1",
  "type=cache,target=/c,sharing=odd",
  "type=cache,target=/c,mode=9",
])("refuses %s", (text) => {
  expect(() => parseRunMount(text)).toThrow();
});

it("takes propagation, ownership and flags of a bind mount", () => {
  expect(parseRunMount("type=bind,target=/x,U,bind-propagation=shared,bind-nonrecursive,nosuid")).toMatchObject({
    chown: true,
    propagation: "shared",
    recursive: false,
    flags: ["nosuid"],
  });
});

it.each([
  ["type=bind,target=/x,bind-propagation=odd", 'bind-propagation: "odd": invalid mount option'],
  ["type=bind,target=/x,relabel=odd", "relabel mount option must be 'private' or 'shared'"],
  ["type=bind,target=/x,source", "source: must provide an argument for option"],
  ["type=bind,target=/x,ro=maybe", "readonly: must not provide an argument for option"],
  ["type=secret,id=x,foo=1", "secret should have syntax"],
  ["type=ssh,foo=1", "ssh should have syntax"],
])("says what is wrong with %s", (text, message) => {
  expect(() => parseRunMount(text)).toThrow(message);
});
