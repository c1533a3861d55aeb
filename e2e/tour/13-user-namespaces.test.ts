/** User namespaces: containers whose ids overlap with nobody's, and files that belong to who made them. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("user namespaces", { images: ["base"], ownSystem: true, users: ["root", "rootless"] }, ({ type, user }) => {
  it("--userns=auto gives three containers disjoint ids, as the host sees", () => type`
    $ for name in one two three; do podman run -d --network none --userns=auto:size=1000 --name $name base sleep 1000; done
    <id>
    <id>
    <id>
    $ podman exec one id -u
    0
    $ for name in one two three; do stat -c %u /proc/$(podman inspect --format '{{.State.Pid}}' $name); done | sort -u | wc -l
    3
    $ podman inspect --format '{{.HostConfig.IDMappings.UidMap}}' one two three | sort -u | wc -l
    3
    $ podman rm -f -t 0 one two three
    one
    two
    three
  `);

  it.skipIf(user === "root")(
    "keep-id writes files as the user",
    () => type`
    $ mkdir shared; podman run --rm --network none --userns=keep-id -v $PWD/shared:/shared base sh -c 'id -u; touch /shared/mine' | grep -x $(id -u)
    <number>
    $ test $(stat -c %u shared/mine) = $(id -u)
    $ podman run --rm --network none --userns=keep-id:uid=200,gid=210 base id
    uid=200(<name>) gid=210(<name>) groups=210(<name>)
    $ podman run --rm --network none --userns=nomap base sh -c 'grep -c . /proc/self/uid_map'
    <number>
  `,
  );
});
