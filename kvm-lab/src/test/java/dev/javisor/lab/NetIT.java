package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// A guest's network card on a TAP interface of its host's.
@Lab(kernels = Guests.LINUX_6_1)
class NetIT {
  private static final int BYTES = Scale.of(8, 64) << 20;

  /// A sender of busybox's `nc` stops when the other side closes its half, so that one's input must
  /// not end.
  @Test
  void pingAndTcpPassThroughATapBothWays(Host host) throws IOException {
    Host.Result result =
        host.run(
            Scale.of(240, 500),
            """
            ip tuntap add tap0 mode tap && ip addr add 10.9.0.1/24 dev tap0 && ip link set tap0 up mtu 1400 || exit 1
            cd $TMPDIR; mkfifo endless lines; head -c %1$d /dev/urandom >ours; sha256sum <ours >ours.sum
            busybox nc -l -p 5000 <>endless >theirs & listener=$!
            "$OLDPWD/javisor" run --network tap=tap0,mac=02:4a:56:00:00:07,mtu=1400 -- sh -c '
              cat /sys/class/net/eth0/address /sys/class/net/eth0/mtu
              ifconfig eth0 10.9.0.2 up
              ping -c 3 -W 20 10.9.0.1 | grep -o "3 packets received"
              cd /tmp; mkfifo endless; head -c %1$d /dev/urandom >mine; sha256sum <mine
              nc 10.9.0.1 5000 <mine
              nc -l -p 5001 <>endless >yours & echo up; wait $!
              sha256sum <yours' >lines & guest=$!
            exec 8<lines
            take() { IFS= read -r line <&8; }
            take; echo "$line"; take; echo "$line"; take; echo "$line"
            take; theirs=$line
            take; [ "$line" = up ] || exit 2
            wait $listener
            [ "$theirs" = "$(sha256sum <theirs)" ] && echo "from the guest: $(stat -c %%s theirs)"
            busybox ping -c 3 -W 20 10.9.0.2 | grep -o '3 packets received'
            n=0; until busybox nc 10.9.0.2 5001 <ours; do sleep 0.2; n=$((n + 1)); [ $n -lt 100 ] || exit 3; done
            take; [ "$line" = "$(cat ours.sum)" ] && echo "to the guest: $(stat -c %%s ours)"
            wait $guest; echo "rc=$?"
            """
                .formatted(BYTES));
    Guests.counted(host, "6.1", 1, 1);
    assertEquals(
        """
        02:4a:56:00:00:07
        1400
        3 packets received
        from the guest: %1$d
        3 packets received
        to the guest: %1$d
        rc=0
        """
            .formatted(BYTES),
        result.stdout(),
        result::toString);
    assertEquals("", result.stderr());
  }
}
