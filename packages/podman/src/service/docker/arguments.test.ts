import { expect, test } from "vitest";
import { frame } from "../streams/stdcopy.ts";
import { buildArguments } from "./build/build-arguments.ts";
import { createArguments } from "./containers/create-arguments.ts";

test("a container's body becomes the words of podman create", () => {
  const body = {
    Image: "img",
    Cmd: ["a", "b c"],
    Entrypoint: [],
    Env: ["A=b"],
    ExposedPorts: { "90/tcp": {} },
    Volumes: { "/v": {}, "/d": {} },
    HostConfig: {
      Binds: ["data:/d"],
      PortBindings: {
        "80/tcp": [
          { HostIp: "127.0.0.1", HostPort: "8080" },
          { HostIp: "::1", HostPort: "" },
        ],
        "81/udp": [{}],
      },
      NanoCpus: 1.5e9,
      Memory: 0,
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 },
      Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
      Mounts: [{ Type: "bind", Source: "/a,b", Target: "/c", ReadOnly: true }],
    },
    Healthcheck: { Test: ["CMD", "x"], Interval: 5e9 },
  };
  expect(createArguments(body, { name: "n", network: "bridge" })).toEqual([
    "--name=n",
    "--network=bridge",
    "--entrypoint=[]",
    "--env=A=b",
    "--restart=on-failure:2",
    "--cpus=1.5",
    "--ulimit=nofile=1:2",
    "--volume=data:/d",
    "--volume=/v",
    '--mount=type=bind,"source=/a,b",target=/c,ro=true',
    "--expose=90/tcp",
    "--publish=127.0.0.1:8080:80/tcp",
    "--publish=[::1]::80/tcp",
    "--publish=81/udp",
    '--health-cmd=["CMD","x"]',
    "--health-interval=5s",
    "--",
    "img",
    "a",
    "b c",
  ]);
});

test("a build's parameters become the words of podman build", () => {
  const query = new URLSearchParams({
    nocache: "1",
    rm: "0",
    memory: "0",
    target: "t",
    buildargs: '{"A":"b","C":null}',
    labels: '{"l":"m"}',
    ulimits: '[{"Name":"nofile","Hard":2,"Soft":1}]',
    extrahosts: '["h:1.2.3.4"]',
    platform: "linux/amd64",
    cachefrom: "[]",
  });
  expect(buildArguments(query, false)).toEqual([
    "--target=t",
    "--no-cache=true",
    "--rm=false",
    "--add-host=h:1.2.3.4",
    "--ulimit=nofile=1:2",
    "--build-arg=A=b",
    "--label=l=m",
    "--platform=linux/amd64",
    "--network=host",
    "--format=docker",
  ]);
  expect(() => buildArguments(new URLSearchParams({ buildargs: "{" }), false)).toThrow("failed to parse query parameter 'buildargs'");
});

test("libpod's parameters say namespaces, isolation and security in their own words", () => {
  const query = new URLSearchParams({
    nsoptions: '[{"Name":"network","Host":true},{"Name":"pid","Host":true},{"Name":"ipc","Path":"/ns"},{"Name":"uts"}]',
    isolation: "2",
    labelopts: '["disable"]',
    seccomp: "/s.json",
    idmappingoptions: '{"HostUIDMapping":false,"UIDMap":[{"ContainerID":0,"HostID":1000,"Size":5}],"GIDMap":null}',
    cppflags: '["-DX"]',
    cachefrom: '["localhost/a"]',
    cachettl: "0s",
    jobs: "3",
    allplatforms: "1",
  });
  expect(buildArguments(query, true)).toEqual([
    "--jobs=3",
    "--all-platforms",
    "--cpp-flag=-DX",
    "--cache-from=localhost/a",
    "--userns-uid-map=0:1000:5",
    "--network=host",
    "--pid=host",
    "--ipc=ns:/ns",
    "--layers=false",
    "--isolation=chroot",
    "--security-opt=label=disable",
    "--security-opt=seccomp=/s.json",
  ]);
  expect(buildArguments(new URLSearchParams({ networkmode: "1", nsoptions: '[{"Name":"network","Host":true}]' }), true)).toEqual([
    "--network=none",
    "--layers=false",
  ]);
  expect(() => buildArguments(new URLSearchParams({ sourcePolicy: "{}" }), true)).toThrow("not supported");
});

test("frames tell stream and length", () => {
  expect(frame("stderr", Buffer.from("abc"))).toEqual(Buffer.from([2, 0, 0, 0, 0, 0, 0, 3, 97, 98, 99]));
});
