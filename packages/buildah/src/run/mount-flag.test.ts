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

it.each(["U", "bind-propagation=shared", "bind-nonrecursive"])("refuses %s, which would have no effect", (option) => {
  expect(() => parseRunMount(`type=bind,target=/x,${option}`)).toThrow("not supported yet");
});
