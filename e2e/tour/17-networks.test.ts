/** Networks: containers of one network find each other by name; a running container changes networks. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("networks", { users: ["root", "rootless"], images: ["nginx"] }, ({ type }) => {
  it("lets two containers find each other by name", () => type`
    $ podman network create backend
    backend
    $ podman run -d --network backend --name web nginx
    <id>
    $ podman run --rm --network backend nginx curl -sI http://web  # soon
    HTTP/1.1 200 OK
    ...
  `);

  it("connects and disconnects a running container", () => type`
    $ podman network create frontend
    frontend
    $ podman network connect frontend web
    $ podman inspect web --format '{{range $name, $net := .NetworkSettings.Networks}}{{$name}} {{end}}'
    backend frontend
    $ podman run --rm --network frontend nginx curl -sI http://web
    HTTP/1.1 200 OK
    ...
    $ podman network disconnect backend web
    $ podman run --rm --network backend nginx curl -sI --max-time 5 http://web
    [exit 6]
    $ podman network rm backend
    backend
    $ podman network rm frontend
    Error: "frontend" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used
    [exit 2]
    $ podman rm -f -t 0 web
    web
  `);
});
