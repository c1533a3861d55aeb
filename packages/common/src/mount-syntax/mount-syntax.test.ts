import { describe, expect, it } from "vitest";
import { parseMountFlag } from "./parse-mount-flag.ts";
import { parseTmpfs } from "./parse-tmpfs.ts";
import { parseVolume } from "./parse-volume.ts";

describe("-v", () => {
  it.each([
    ["/data", { type: "volume", target: "/data", options: [] }],
    ["cache:/data/", { type: "volume", name: "cache", target: "/data", options: [] }],
    ["/a:/b:ro,Z", { type: "bind", source: "/a", target: "/b", options: ["ro", "Z"] }],
    ["./a:/b", { type: "bind", source: `${process.cwd()}/a`, target: "/b", options: [] }],
    ["/a\\:b:/c", { type: "bind", source: "/a:b", target: "/c", options: [] }],
  ])("%s", (text, expected) => expect(parseVolume(text)).toEqual(expected));
  it.each([
    ["a:b:c:d", "a:b:c:d: incorrect volume format, should be [host-dir:]ctr-dir[:option]"],
    ["/etc:/x:zz", 'invalid option type "zz"'],
    ["a:b", 'invalid container path "b", must be an absolute path'],
    [":/x", "host directory cannot be empty"],
    ["/x:", "container directory cannot be empty"],
    ["/a:/b:ro,rw", `invalid options "ro, rw", can only specify 1 'rw' or 'ro' option`],
  ])("refuses %s", (text, message) => expect(() => parseVolume(text)).toThrow(message));
});

describe("--mount", () => {
  it.each([
    ["type=bind,src=/etc,dst=/x,ro", { type: "bind", source: "/etc", target: "/x", options: ["ro"] }],
    ["type=bind,target=/x,readonly=false", { type: "bind", source: "/x", target: "/x", options: ["rw"] }],
    [
      "type=bind,src=/a,dst=/x,bind-propagation=rslave,relabel=shared,U=true",
      { type: "bind", source: "/a", target: "/x", options: ["rslave", "z", "U"] },
    ],
    ["src=v,dst=/x,rw", { type: "volume", name: "v", target: "/x", options: ["rw"], subpath: undefined }],
    ["type=tmpfs,dst=/x,tmpfs-size=1m,tmpfs-mode=755", { type: "tmpfs", target: "/x", options: ["size=1m", "mode=755"] }],
    ["type=image,src=img,dst=/x,rw=true", { type: "image", source: "img", target: "/x", readWrite: true, subpath: undefined }],
    ["type=image,src=img,dst=/x,subpath=/a", { type: "image", source: "img", target: "/x", readWrite: false, subpath: "/a" }],
    ["src=v,dst=/x,subpath=a", { type: "volume", name: "v", target: "/x", options: [], subpath: "a" }],
    ["type=ramfs,dst=/x", { type: "ramfs", target: "/x", options: [] }],
    ["type=bind,src=/a,dst=/x,no-dereference", { type: "bind", source: "/a", target: "/x", options: ["no-dereference"] }],
    ["type=glob,src=/a*,ro", { type: "glob", source: "/a*", options: ["ro"] }],
    ["type=glob,src=/a*,dst=/x/", { type: "glob", source: "/a*", target: "/x", options: [] }],
    ["type=artifact,src=a,dst=/x,title=t,name=n", { type: "artifact", source: "a", target: "/x", title: "t", name: "n" }],
    ["type=devpts,dst=/x,max=5", { type: "devpts", target: "/x", options: ["max=5"] }],
  ])("%s", (text, expected) => expect(parseMountFlag(text)).toEqual(expected));
  it.each([
    ["type=zzz,dst=/x", 'invalid filesystem type "zzz"'],
    ["type=artifact,src=a,dst=/x,ro", "ro: invalid mount option"],
    ["type=bind,src=/a,dst=/x,subpath=b", 'cannot set option "subpath" on non-volume mounts'],
    ["type=tmpfs,dst=/x,subpath=b", 'cannot set option "subpath" on non-volume mounts'],
    ["type=image,src=a,dst=/x,subpath=b", 'volume subpath "b" must be an absolute path'],
    ["type=image,src=a,dst=/x,rw", 'invalid rw value ""'],
    ["type=glob,dst=/x", "host directory cannot be empty"],
    ["type=bind,src=/etc", "must set volume destination"],
    ["type=volume,dst=/x,foo=1", "foo: invalid mount option"],
    ["type=bind,src=/etc,dst=x", 'invalid container path "x", must be an absolute path'],
    ["type=bind,src=/etc,dst=/x,bind-propagation=zz", 'invalid value "bind-propagation=zz"'],
  ])("refuses %s", (text, message) => expect(() => parseMountFlag(text)).toThrow(message));
});

describe("--tmpfs", () => {
  it("keeps known options", () => {
    expect(parseTmpfs("/x:rw,size=64m,noexec")).toEqual({ type: "tmpfs", target: "/x", options: ["rw", "size=64m", "noexec"] });
    expect(() => parseTmpfs("/x:foo")).toThrow('unknown mount option "foo": invalid mount option');
  });
});
