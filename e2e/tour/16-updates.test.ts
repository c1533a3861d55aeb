/** Updates: a running unit's container is replaced when its registry has a newer image, and comes back when the new one fails. */
import { it } from "vitest";
import { openSystemdScene, whyNoSystemd } from "../harness/systemd-host.ts";
import { tour } from "../harness/tour.ts";

tour(
  "updates",
  {
    users: ["root", "rootless"],
    images: ["debian"],
    registry: true,
    skip: whyNoSystemd(),
    prepare: openSystemdScene,
    // A systemd that runs in namespaces of another machine may have no controllers to set limits with.
    containersConf: "[containers]\npids_limit = 0\n",
  },
  ({ type }) => {
    it("are named by labels, and there are none at first", () => type`
      $ release() { printf 'FROM localhost/debian\nLABEL release=%s\nCMD ["sh", "-c", "%s"]\n%s\n' "$1" "$2" "$3" > Containerfile; podman build -q -t $REGISTRY/shop . >/dev/null && podman push -q $REGISTRY/shop; }
      $ release 1 'trap exit TERM; while :; do sleep 0.1; done'; podman pull -q $REGISTRY/shop >/dev/null
      $ printf '[Unit]\nStartLimitIntervalSec=0\n[Container]\nImage=%s/shop\nAutoUpdate=registry\nNetwork=none\n[Service]\nTimeoutStartSec=20\n' $REGISTRY > $QUADLETS/shop.container
      $ $SYSTEMCTL daemon-reload; $SYSTEMCTL start shop; podman inspect systemd-shop --format '{{index .Config.Labels "io.containers.autoupdate"}} {{index .Config.Labels "PODMAN_SYSTEMD_UNIT"}}'
      registry shop.service
      $ podman auto-update
      UNIT CONTAINER IMAGE POLICY UPDATED
      shop.service <short id> (systemd-shop) $REGISTRY/shop registry false
    `);

    it("are told by a dry run, and made", () => type`
      $ release 2 'trap exit TERM; echo second; while :; do sleep 0.1; done'; podman tag $(podman inspect systemd-shop --format '{{.Image}}') $REGISTRY/shop
      $ podman auto-update --dry-run --format '{{.Unit}} {{.Updated}}'
      shop.service pending
      $ podman inspect systemd-shop --format '{{.Config.Labels.release}}'
      1
      $ podman auto-update --format json 2>/dev/null
      [
      {
      "Unit": "shop.service",
      "Container": "<short id> (systemd-shop)",
      "ContainerName": "systemd-shop",
      "ContainerID": "<id>",
      "Image": "$REGISTRY/shop",
      "Policy": "registry",
      "Updated": "true"
      }
      ]
      $ podman inspect systemd-shop --format '{{.Config.Labels.release}}'; podman logs systemd-shop
      2
      second
    `);

    it("are taken back when the new image does not start", () => type`
      $ good=$(podman inspect systemd-shop --format '{{.Image}}')
      $ mkdir $QUADLETS/shop.container.d; printf '[Container]\nNotify=healthy\nHealthCmd=test ! -e /broken\nHealthInterval=500ms\nHealthRetries=1\nHealthOnFailure=kill\n' > $QUADLETS/shop.container.d/10.conf
      $ $SYSTEMCTL daemon-reload; $SYSTEMCTL restart shop; $SYSTEMCTL is-active shop
      active
      $ release 3 'sleep 100' 'COPY Containerfile /broken'; podman tag $good $REGISTRY/shop
      $ podman auto-update --format '{{.Updated}}' 2>errors || cat errors
      rolled back
      $ podman inspect systemd-shop --format '{{.Config.Labels.release}}'; $SYSTEMCTL is-active shop
      2
      active
      $ podman auto-update --rollback=false 2>&1 | tail -1
      Error: restarting unit shop.service during update: error restarting systemd unit "shop.service" expected "done" but received "failed"
      $ $SYSTEMCTL stop shop; $SYSTEMCTL reset-failed shop; rm -r $QUADLETS/shop.container*; podman rm -fa -t 0 >/dev/null
    `);

    it("come from local images too, and need a registry's whole name otherwise", () => type`
      $ podman run -d --label io.containers.autoupdate=registry debian sleep 1
      Error: short name: auto updates require fully-qualified image reference: "debian"
      [exit 125]
      $ podman run -d --label io.containers.autoupdate=daily localhost/debian sleep 20; podman auto-update
      <id>
      Error: auto-updating container "<id>": invalid auto-update policy "daily": valid policies are ["disabled" "image" "local" "registry"]
      [exit 125]
      $ podman rm -fa -t 0 >/dev/null; printf '[Container]\nImage=localhost/debian\nAutoUpdate=local\nNetwork=none\nExec=sleep 100\nRunInit=yes\n' > $QUADLETS/near.container
      $ $SYSTEMCTL daemon-reload; $SYSTEMCTL start near; podman auto-update --format '{{.Policy}} {{.Updated}}'
      local false
      $ podman commit -q systemd-near localhost/debian >/dev/null; podman auto-update --format '{{.Policy}} {{.Updated}}'
      local true
      $ $SYSTEMCTL stop near; rm $QUADLETS/near.container; podman ps -aq
    `);
  },
);
